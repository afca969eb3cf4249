/**
 * Token introspection (RFC 7662) and revocation (RFC 7009) for services with a client secret (SERVICE_CLIENTS).
 * Requests are form-encoded; the secret comes with HTTP Basic or as `client_id` and `client_secret` in the body (RFC
 * 6749 section 2.3.1).
 */
import { isUtf8 } from 'node:buffer';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { type Introspection, introspectToken } from '#capabilities/introspect-token/introspect-token.ts';
import { revokeToken } from '#capabilities/revoke-token/revoke-token.ts';
import type { ClientCredentials } from '#core/accounts/service-client.ts';
import { TooManyAttemptsError } from '#errors/domain-errors.ts';
import { logFault } from '#errors/outage.ts';
import { InvalidClientError } from '#errors/refused-errors.ts';
import { readForm } from '#http/form.ts';
import type { RestEnv } from './api.ts';
import { failureOf } from './errors.ts';

type Asked = { client: ClientCredentials; token: string };

const MAX_BODY_BYTES = 16_384;
const NEVER_STORED = { 'cache-control': 'no-store' };

/** Mounted only if SERVICE_CLIENTS are configured. */
export function createOauth(): Hono<RestEnv> {
  const app = new Hono<RestEnv>();
  const limit = bodyLimit({
    maxSize: MAX_BODY_BYTES,
    onError: (c) => refuse(c, 413, 'invalid_request', 'The request is too large.'),
  });
  app.post('/oauth/introspect', limit, (c) =>
    answer(c, async (asked) => {
      const { ctx } = c.env;
      return c.json(shown(await introspectToken(ctx, asked), ctx.config.publicUrl), 200, NEVER_STORED);
    }),
  );
  app.post('/oauth/revoke', limit, (c) =>
    answer(c, async (asked) => {
      if (await revokeToken(c.env.ctx, asked)) return c.body(null, 200, NEVER_STORED);
      // RFC 7009 section 2.2.1.
      return refuse(c, 400, 'unsupported_token_type', 'A token for one service ends by itself, within five minutes.');
    }),
  );
  for (const path of ['/oauth/introspect', '/oauth/revoke']) {
    app.all(path, (c) => {
      c.header('allow', 'POST');
      return refuse(c, 405, 'invalid_request', 'Use POST.');
    });
  }
  return app;
}

/** RFC 7662 section 2.2. `iss` is always this service, because no other token is ever active. */
function shown(introspection: Introspection, issuer: string): Record<string, unknown> {
  if (!introspection.active) return { active: false };
  const { tokenType, audience, clientId, subject, sessionId, role, organization, issuedAt, expiresAt } = introspection;
  const seconds = (time: Date) => Math.floor(time.getTime() / 1000);
  return {
    active: true,
    token_type: tokenType,
    iss: issuer,
    aud: audience,
    ...(clientId && { client_id: clientId }),
    sub: subject,
    sid: sessionId,
    role,
    ...(organization && { org_id: organization.id, org_role: organization.role }),
    iat: seconds(issuedAt),
    exp: seconds(expiresAt),
  };
}

async function answer(c: Context<RestEnv>, work: (asked: Asked) => Promise<Response>): Promise<Response> {
  const asked = await readRequest(c);
  if (typeof asked === 'string') return refuse(c, 400, 'invalid_request', asked);
  try {
    return await work(asked);
  } catch (error) {
    if (error instanceof InvalidClientError) {
      c.header('www-authenticate', 'Basic realm="latchkey"');
      return refuse(c, 401, 'invalid_client', error.message);
    }
    if (error instanceof TooManyAttemptsError) {
      c.header('retry-after', String(error.retryAfterSeconds));
      return refuse(c, 429, 'temporarily_unavailable', error.message);
    }
    const failure = failureOf(error);
    if (failure.code !== 'SERVICE_UNAVAILABLE') throw error;
    const { caller, log, trail } = c.env.ctx;
    trail.code ??= failure.code;
    logFault(log, error, { requestId: caller.requestId }, 'unexpected error');
    c.header('retry-after', String(failure.retryAfterSeconds));
    return refuse(c, 503, 'temporarily_unavailable', failure.message);
  }
}

/** The token and the client, or a sentence about what is wrong with the request. Nothing is read from the URL. */
async function readRequest(c: Context<RestEnv>): Promise<Asked | string> {
  const mediaType = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/x-www-form-urlencoded') return 'Send application/x-www-form-urlencoded.';
  const form = readForm(await c.req.text());
  if (form === null) return 'The form is not UTF-8.';
  // RFC 6749 section 3.2: no parameter may occur more than once.
  const names = [...form.keys()];
  if (new Set(names).size < names.length) return 'A parameter occurs more than once.';
  const token = form.get('token');
  if (token === null || token === '') return 'The parameter token is missing.';
  const authorization = c.req.header('authorization');
  const basic = authorization === undefined ? null : basicCredentials(authorization);
  const [name, secret] = [form.get('client_id'), form.get('client_secret')];
  if (basic !== null && basic.name !== '' && secret !== null)
    return 'Send the client secret either in the Authorization header or in the body, not in both.';
  return { client: basic ?? (name !== null && secret !== null ? { name, secret } : null), token };
}

/**
 * RFC 7617. Name and secret may be form-encoded, as RFC 6749 asks, or plain: our secrets never contain a `%`. Any other
 * header, such as two of them, names no client: credentials in the body then do not count either.
 */
function basicCredentials(authorization: string): NonNullable<ClientCredentials> {
  const [, encoded = ''] = /^basic ([A-Za-z0-9+/]+=*)$/i.exec(authorization) ?? [];
  const bytes = Buffer.from(encoded, 'base64');
  const isExact = bytes.toString('base64') === encoded && isUtf8(bytes);
  const [, name = '', secret = ''] = /^([^:]*):(.*)$/s.exec(isExact ? bytes.toString() : '') ?? [];
  return { name: percentDecoded(name), secret: percentDecoded(secret) };
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** RFC 6749 section 5.2. */
function refuse(c: Context, status: 400 | 401 | 405 | 413 | 429 | 503, error: string, description: string): Response {
  return c.json({ error, error_description: description }, status, NEVER_STORED);
}

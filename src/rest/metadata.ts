/**
 * What others look up under /.well-known. Tells other services how to verify our tokens: RFC 8414 metadata, also under
 * the path of OpenID Connect Discovery, because that is where most libraries look for `issuer` and `jwks_uri`.
 *
 * Latchkey issues tokens through its own API and is not an OpenID provider: it has no authorization endpoint and no
 * token endpoint. The lists that describe those are empty and not absent, because an absent list stands for defaults
 * that would be wrong here (`grant_types_supported`: authorization code and implicit).
 */
import { Hono } from 'hono';
import type { JWK } from 'jose';
import type { RestEnv } from './api.ts';

/** Of access tokens, besides those that TOKEN_CLAIMS adds; see core/tokens/access-token.ts. */
const CLAIMS = [
  ...['iss', 'aud', 'client_id', 'sub', 'iat', 'exp', 'jti', 'sid', 'gen', 'role', 'email_verified'],
  ...['auth_time', 'acr', 'amr'],
];

export type MetadataOptions = {
  publicUrl: string;
  /** Whether /oauth/introspect and /oauth/revoke are served. */
  hasServiceClients: boolean;
  /** Algorithms of the tokens that are still valid. */
  algorithms: () => Promise<readonly string[]>;
  /** The public keys of the key ring. */
  jwks: () => Promise<{ keys: JWK[] }>;
  /** Where people change their password; null if no page is known. */
  changePasswordUrl: string | null;
  /** How long verifiers may keep what they read here. */
  maxAgeSeconds: number;
};

const CLIENT_AUTHENTICATION = ['client_secret_basic', 'client_secret_post'];

export function createMetadata({
  publicUrl,
  hasServiceClients,
  algorithms,
  jwks,
  changePasswordUrl,
  maxAgeSeconds,
}: MetadataOptions): Hono<RestEnv> {
  const endpoints = {
    introspection_endpoint: `${publicUrl}/oauth/introspect`,
    introspection_endpoint_auth_methods_supported: CLIENT_AUTHENTICATION,
    revocation_endpoint: `${publicUrl}/oauth/revoke`,
    revocation_endpoint_auth_methods_supported: CLIENT_AUTHENTICATION,
  };
  const metadata = {
    issuer: publicUrl,
    jwks_uri: `${publicUrl}/.well-known/jwks.json`,
    response_types_supported: [],
    grant_types_supported: [],
    ...(hasServiceClients ? endpoints : {}),
  };
  const headers = { 'cache-control': `public, max-age=${maxAgeSeconds}`, 'access-control-allow-origin': '*' };

  const app = new Hono<RestEnv>();
  /** The public keys of access tokens (RFC 7517); any origin may read them. */
  app.get('/.well-known/jwks.json', async (c) => c.json(await jwks(), 200, headers));
  // W3C, A Well-Known URL for Changing Passwords. Without a page it is a 404, and so is everything else here that does
  // not exist: that is how password managers tell the two apart (section 4, reliability of HTTP status codes).
  if (changePasswordUrl !== null) {
    app.get('/.well-known/change-password', (c) => {
      c.header('cache-control', 'no-store');
      return c.redirect(changePasswordUrl, 302);
    });
  }
  for (const path of pathsOf('oauth-authorization-server', publicUrl)) {
    app.get(path, (c) => c.json(metadata, 200, headers));
  }
  for (const path of pathsOf('openid-configuration', publicUrl)) {
    app.get(path, async (c) => {
      const openid = {
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: await algorithms(),
        claims_supported: CLAIMS,
      };
      return c.json({ ...metadata, ...openid }, 200, headers);
    });
  }
  return app;
}

/**
 * The path of the issuer follows the well-known name (RFC 8414 section 3.1): https://example.com/auth is described at
 * https://example.com/.well-known/oauth-authorization-server/auth. OpenID Connect puts it in front:
 * https://example.com/auth/.well-known/openid-configuration, which arrives here without `/auth` if a proxy strips it.
 */
function pathsOf(name: string, publicUrl: string): string[] {
  const path = new URL(publicUrl).pathname.replace(/\/$/, '');
  return path === '' ? [`/.well-known/${name}`] : [`/.well-known/${name}`, `/.well-known/${name}${path}`];
}

/**
 * A small sign-in server with every mistake that `latchkey attack` looks for: it checks any number of passwords, tells
 * who has an account, believes every token, lets codes and links work twice, locks out who is guessed at, and fails on
 * what it does not expect.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json, text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';

/** So many wrong passwords lock an account, also for its owner. */
const LOCKS_AFTER = 50;

type Body = { query?: string; variables?: { input?: Record<string, string> } };

/** @param hesitatesMs how much longer a wrong password of a known account takes */
export async function startWeakServer({ hesitatesMs = 0 } = {}): Promise<{ url: string; close: () => void }> {
  const accounts = new Set<string>();
  const failures = new Map<string, number>();
  const mails: { to: string; code: string; links: string[] }[] = [];
  const send = (to: string, host = 'localhost') =>
    mails.unshift({ to, code: '123456', links: [`http://${host}/reset-password?token=abc`] });

  function answerTo(request: IncomingMessage, { query = '', variables = {} }: Body): unknown {
    const { input = {} } = variables;
    const { email = '', identifier = '', password } = input;
    if (query.includes('{ me')) return { me: request.headers.authorization === undefined ? null : { id: '1', email } };
    const result = (field: string, type: string, more = {}) => ({ [field]: { __typename: type, ...more } });
    const tokens = { accessToken: 'e30.e30.x', refreshToken: crypto.randomUUID() };
    if (query.includes('register(')) {
      if (accounts.has(email)) return result('register', 'EmailTakenError', { code: 'EMAIL_TAKEN' });
      accounts.add(email);
      send(email);
      return result('register', 'RegisterSuccess');
    }
    if (query.includes('verifyEmail(')) return result('verifyEmail', 'VerifyEmailSuccess');
    if (query.includes('refresh(')) return result('refresh', 'RefreshSuccess', { tokens });
    if (query.includes('requestPasswordReset(')) {
      const host = request.headers['x-forwarded-host'];
      send(email, typeof host === 'string' ? host : undefined);
      return result('requestPasswordReset', accounts.has(email) ? 'RequestPasswordResetSuccess' : 'UserNotFoundError');
    }
    if (query.includes('resetPassword(')) return result('resetPassword', 'ResetPasswordSuccess');
    const isLocked = (failures.get(identifier) ?? 0) >= LOCKS_AFTER;
    if (password?.startsWith('correct') && !isLocked) return result('login', 'LoginSuccess', { tokens });
    const logins = query.split('login(').length - 1;
    failures.set(identifier, (failures.get(identifier) ?? 0) + logins);
    const wrong = { __typename: 'InvalidCredentialsError', code: 'INVALID_CREDENTIALS' };
    if (logins > 0)
      return Object.fromEntries(Array.from({ length: logins }, (_, at) => [at === 0 ? 'login' : `a${at}`, wrong]));
    if (email !== '') send(email);
    return { __typename: 'Query', identifier };
  }

  const server = createServer({ insecureHTTPParser: true }, async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    response.setHeader('content-type', 'application/json');
    if (pathname === '/dev/mailbox.json') {
      response.end(JSON.stringify({ mails: mails.filter(({ to }) => to === searchParams.get('to')) }));
    } else if (pathname === '/graphql' && request.method === 'POST') {
      try {
        const body = (await json(request)) as Body;
        if (accounts.has(body.variables?.input?.['identifier'] ?? '')) await pause(hesitatesMs);
        response.end(JSON.stringify({ data: answerTo(request, body) }));
      } catch {
        response.writeHead(500).end();
      }
    } else if (pathname.includes('login')) {
      response.writeHead(401).end('{}');
    } else {
      await text(request).catch(() => '');
      response.end('{}');
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

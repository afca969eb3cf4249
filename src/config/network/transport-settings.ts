/**
 * Whether the connections to the database and the mail server are encrypted, and the server's certificate checked. In
 * production they are (OWASP ASVS 5.0, 12.3.1 and 12.3.2), unless the URL says in words that they are not. Each such
 * word is a warning at every start. Connections that do not leave this machine need neither.
 */
import type { Environment } from '../environment.ts';
import { isLoopback } from '../loopback.ts';
import type { Variable } from '../settings.ts';

/** What a URL of PostgreSQL asks for, as `pg` reads it. */
export type DatabaseTransport =
  | 'local'
  /** TLS, and the certificate is checked. */
  | 'verified'
  /** TLS with any certificate, as the URL says in words. */
  | 'no-verify'
  /** The same, but not in words: it depends on how `pg` reads the parameters. */
  | 'unverified'
  /** No TLS, as the URL says in words. */
  | 'disable'
  /** No TLS, because nothing asks for it. */
  | 'plain';

export function databaseTransportOf(url: string): DatabaseTransport {
  const { hostname, searchParams } = new URL(url);
  const parameters = Object.fromEntries(searchParams);
  const { sslmode, ssl } = parameters;
  const host = parameters['host'] || decodeURIComponent(hostname);
  if (host === '' || host.startsWith('/') || isLoopback(host)) return 'local';
  if (sslmode === 'disable') return 'disable';
  if (sslmode === 'no-verify' || ssl === 'no-verify') return 'no-verify';
  // Read as libpq does, these do not check the certificate, and `prefer` does not even insist on TLS.
  const isLax = sslmode === 'prefer' || (sslmode === 'require' && !parameters['sslrootcert']);
  if (parameters['uselibpqcompat'] === 'true' && isLax) return 'unverified';
  const asksForTls =
    [sslmode, parameters['sslcert'], parameters['sslkey'], parameters['sslrootcert']].some(Boolean) ||
    ssl === 'true' ||
    ssl === '1' ||
    (parameters['sslnegotiation'] === 'direct' && ssl === undefined);
  return asksForTls ? 'verified' : 'plain';
}

/**
 * Call it in production only.
 * @param urls of each server; they differ in the host
 */
export function checkDatabaseTransport(env: Environment, variable: Variable, urls: readonly string[]): void {
  for (const transport of new Set(urls.map(databaseTransportOf))) reportTransport(env, variable, transport);
}

function reportTransport(env: Environment, variable: Variable, transport: DatabaseTransport): void {
  const advice = 'add sslmode=verify-full, or in a private network sslmode=disable to say that it is not';
  if (transport === 'plain') env.problem(variable, `must be encrypted in production: ${advice}`);
  if (transport === 'unverified') {
    env.problem(
      variable,
      'must check the certificate in production: use sslmode=verify-full (or no-verify to say that it does not)',
    );
  }
  if (transport === 'disable') env.warning(variable, 'has sslmode=disable: the connection is not encrypted');
  if (transport === 'no-verify') {
    env.warning(variable, 'has sslmode=no-verify: an attacker in between can read and change everything');
  }
}

/** Whether the mail server has to offer TLS: in production always, unless it is on this machine or the URL opts out. */
export function mailTransportOf(env: Environment, isProduction: boolean, url: string): { requiresTls: boolean } {
  const { hostname, protocol, searchParams } = new URL(url);
  if (!isProduction || isLoopback(hostname)) return { requiresTls: false };
  const [required, ...more] = searchParams.getAll('requireTLS');
  const optsOut = required !== undefined && more.length === 0 && !['true', '1'].includes(required);
  if (protocol === 'smtp:' && optsOut) {
    env.warning(
      'SMTP_URL',
      'has requireTLS=false: emails may cross the network unencrypted, with their codes and links',
    );
  }
  if (searchParams.get('tls.rejectUnauthorized') === 'false') {
    env.warning('SMTP_URL', 'has tls.rejectUnauthorized=false: an attacker in between can read every email');
  }
  return { requiresTls: true };
}

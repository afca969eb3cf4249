/**
 * Where the service is and whom it connects to: the settings that are URLs. Those with a password in them are never
 * quoted in a complaint, in whole or in part.
 */
import { isIPv4 } from 'node:net';
import { resolve } from 'node:path';
import type { Environment } from './environment.ts';
import type { Variable } from './settings.ts';

export type DatabaseConfig =
  | { kind: 'embedded'; directory: string }
  | { kind: 'postgresql'; url: string; poolSize: number };

export type MailConfig =
  | { kind: 'mailbox'; from: string }
  /** `clientName`: what we are called in the dialogue with the server (EHLO), if PUBLIC_URL tells. */
  | { kind: 'smtp'; url: string; from: string; clientName: string | null };

const MUST_ENCODE =
  'cannot be read: percent-encode what is special in user name and password, for example # as %23, / as %2F, ? as %3F, @ as %40, % as %25';

/** Parameters of Prisma's own engine, which other tools write into such a URL: ignored, they would promise something. */
const NOT_OURS: Record<string, string> = {
  schema: 'the tables are in the schema `public`; give the service a database of its own',
  connection_limit: 'set DATABASE_POOL_SIZE',
  pool_timeout: 'a request waits 5 s for a connection',
  pgbouncer: 'leave it out',
  sslaccept: 'use sslmode',
  sslidentity: 'use sslmode, sslcert and sslkey',
  sslpassword: 'use sslmode, sslcert and sslkey',
};

/** Origin and path as they are compared: host in lower case, no default port, no slash at the end. */
export function publicUrlOf(env: Environment, isProduction: boolean, port: number): string {
  const given = env.url('PUBLIC_URL', ['https:', 'http:']) ?? `http://localhost:${port}`;
  const { origin, pathname, username, protocol } = new URL(given);
  if (/[?#]/.test(given)) env.problem('PUBLIC_URL', 'must have no query and no fragment');
  if (username !== '') env.problem('PUBLIC_URL', 'must have no user name: everybody gets to see it');
  if (isProduction && env.text('PUBLIC_URL') === undefined) env.problem('PUBLIC_URL', 'is required in production');
  else if (isProduction && protocol === 'http:') env.problem('PUBLIC_URL', 'must start with https:// in production');
  return `${origin}${pathname}`.replace(/\/+$/, '');
}

export function databaseOf(env: Environment, dataDir: string): DatabaseConfig {
  const url = urlWithPassword(env, 'DATABASE_URL', ['postgresql', 'postgres']);
  const poolSize = env.integer('DATABASE_POOL_SIZE', 10, 2, 1000);
  if (url === undefined) return { kind: 'embedded', directory: resolve(dataDir, 'database') };
  for (const [name, value] of new URL(url).searchParams) {
    const advice = NOT_OURS[name];
    if (advice === undefined || (name === 'schema' && value === 'public')) continue;
    env.problem('DATABASE_URL', `must not have the parameter ${name}: ${advice}`);
  }
  return { kind: 'postgresql', url, poolSize };
}

export function mailOf(env: Environment, isProduction: boolean, publicUrl: string): MailConfig {
  const url = urlWithPassword(env, 'SMTP_URL', ['smtp', 'smtps']);
  const { hostname } = new URL(publicUrl);
  const from = env.text('MAIL_FROM') ?? `Latchkey <no-reply@${hostname}>`;
  if (!/^[^<>\r\n]*<[^<>@\s]+@[^<>@\s]+>$|^[^<>@\s]+@[^<>@\s]+$/.test(from)) {
    env.problem('MAIL_FROM', 'must be an address or `Name <address>`');
  }
  if (url !== undefined) return { kind: 'smtp', url, from, clientName: clientNameOf(hostname) };
  if (isProduction && env.text('SMTP_URL') === undefined) {
    env.problem('SMTP_URL', 'is required in production: there is no mailbox there');
  }
  return { kind: 'mailbox', from };
}

/** RFC 5321 section 4.1.1.1: a fully qualified name, or the address in brackets. */
function clientNameOf(host: string): string | null {
  if (isIPv4(host)) return `[${host}]`;
  if (host.startsWith('[')) return host.replace('[', '[IPv6:');
  return host.includes('.') ? host : null;
}

function urlWithPassword(env: Environment, variable: Variable, schemes: readonly string[]): string | undefined {
  const value = env.text(variable);
  if (value === undefined) return undefined;
  const scheme = /^([a-z]+):\/\//i.exec(value)?.[1]?.toLowerCase();
  if (scheme === undefined || !schemes.includes(scheme)) {
    env.problem(variable, `must be a URL that starts with ${schemes.map((it) => `${it}://`).join(' or ')}`);
    return undefined;
  }
  if (URL.canParse(value) && !isMisread(value)) return value;
  env.problem(variable, MUST_ENCODE);
  return undefined;
}

/**
 * Whether a special character in the password has cut it short, so that its rest is taken for something else: one of
 * / ? # ends what stands in front of the host, and the @ comes behind it. A percent sign must begin a code.
 */
function isMisread(value: string): boolean {
  const { username, password } = new URL(value);
  const isCut = value.includes('#') || /^[^:]*:\/\/[^/?]*[/?].*@/s.test(value);
  return isCut || !isDecodable(username) || !isDecodable(password);
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

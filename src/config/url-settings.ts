/**
 * The settings that are URLs: where the service and its mail server are. Error messages never quote any part of a
 * URL that may contain a password.
 */
import { isIPv4 } from 'node:net';
import type { Environment } from './environment.ts';
import { isLoopback, isLoopbackSite } from './loopback.ts';
import type { ListenConfig } from './network/listen-settings.ts';
import type { Variable } from './settings.ts';
import { mailTransportOf } from './transport-settings.ts';

export type MailConfig =
  /** `site`: the host, besides this machine and IP addresses, under which the development mailbox can be read. */
  | { kind: 'mailbox'; from: string; site: string }
  /**
   * `clientName`: our name in the SMTP dialogue (EHLO), if PUBLIC_URL provides one. `requiresTls`: even without a
   * password in the URL, which requires it anyway.
   */
  | { kind: 'smtp'; url: string; from: string; clientName: string | null; requiresTls: boolean };

const MUST_ENCODE =
  'is not a valid URL: percent-encode special characters in the user name and password, for example # as %23, / as %2F, ? as %3F, @ as %40, % as %25';

/** Origin and path in canonical form: lowercase host, no default port, no trailing slash. */
export function publicUrlOf(env: Environment, isProduction: boolean, { port, tls }: ListenConfig): string {
  const given = env.url('PUBLIC_URL', ['https:', 'http:']) ?? `http${tls === null ? '' : 's'}://localhost:${port}`;
  const { origin, pathname, username, protocol } = new URL(given);
  if (/[?#]/.test(given)) env.problem('PUBLIC_URL', 'must not have a query or fragment');
  if (username !== '') env.problem('PUBLIC_URL', 'must not contain a user name, because it is public');
  if (isProduction && env.text('PUBLIC_URL') === undefined) env.problem('PUBLIC_URL', 'is required in production');
  else if (isProduction && protocol === 'http:') env.problem('PUBLIC_URL', 'must start with https:// in production');
  else if (tls !== null && protocol === 'http:') env.problem('PUBLIC_URL', 'must start with https:// with TLS_CERT');
  return `${origin}${pathname}`.replace(/\/+$/, '');
}

type Reach = { isProduction: boolean; listen: ListenConfig; publicUrl: string };

/** @param appName of the operator: the name of a sender that MAIL_FROM gives none */
export function mailOf(env: Environment, reach: Reach, appName: string | null): MailConfig {
  const url = urlWithPassword(env, 'SMTP_URL', ['smtp', 'smtps']);
  const { hostname } = new URL(reach.publicUrl);
  const given = env.text('MAIL_FROM') ?? `no-reply@${hostname}`;
  const from = given.includes('<') ? given : `${appName ?? 'Latchkey'} <${given}>`;
  if (!/^[^<>\r\n]*<[^<>@\s]+@[^<>@\s]+>$/.test(from)) {
    // A name that cannot be one is the problem of APP_NAME.
    if (env.text('MAIL_FROM') !== undefined) env.problem('MAIL_FROM', 'must be an email address or `Name <address>`');
  }
  checkMailbox(env, reach);
  return url === undefined
    ? { kind: 'mailbox', from, site: hostname }
    : { kind: 'smtp', url, from, clientName: clientNameOf(hostname), ...mailTransportOf(env, reach.isProduction, url) };
}

/**
 * The development mailbox shows everyone's codes and links to anyone who can reach it: it is on the network only if a
 * setting says so, and never in production.
 */
function checkMailbox(env: Environment, { isProduction, listen, publicUrl }: Reach): void {
  const isWanted = env.oneOf('MAILBOX', 'local', ['local', 'on']) === 'on';
  if (env.isGiven('SMTP_URL')) {
    if (isWanted) env.problem('MAILBOX', 'must not be on with SMTP_URL: emails are sent, not kept');
    return;
  }
  if (isProduction) {
    env.problem('SMTP_URL', 'is required in production, which has no development mailbox');
    return;
  }
  const isLocalListener = listen.isUnixSocket || isLoopback(listen.host);
  const isLocal = isLocalListener && isLoopbackSite(new URL(publicUrl).hostname);
  if (isLocal) return;
  const variable = isLocalListener ? 'PUBLIC_URL' : 'HOST';
  if (isWanted) {
    env.warning('MAILBOX', `is on: anyone who can reach ${publicUrl} can read every email at /dev/mailbox`);
    return;
  }
  const dangerous = `${variable} is not an address of this machine, so anyone could read emails at /dev/mailbox`;
  env.problem('SMTP_URL', `is required because ${dangerous} (to allow that, set MAILBOX=on)`);
}

/** RFC 5321 section 4.1.1.1: a fully qualified domain name, or the IP address in brackets. */
function clientNameOf(host: string): string | null {
  if (isIPv4(host)) return `[${host}]`;
  if (host.startsWith('[')) return host.replace('[', '[IPv6:');
  return host.includes('.') ? host : null;
}

/**
 * A URL that may contain a password.
 * @param eachOf the URLs that one text stands for, where it may name several hosts; each of them has to be valid
 */
export function urlWithPassword(
  env: Environment,
  variable: Variable,
  schemes: readonly string[],
  eachOf: (value: string) => readonly string[] = (value) => [value],
): string | undefined {
  const value = env.text(variable);
  if (value === undefined) return undefined;
  const scheme = /^([a-z]+):\/\//i.exec(value)?.[1]?.toLowerCase();
  if (scheme === undefined || !schemes.includes(scheme)) {
    env.problem(variable, `must be a URL that starts with ${schemes.map((it) => `${it}://`).join(' or ')}`);
    return undefined;
  }
  if (eachOf(value).every((each) => URL.canParse(each) && !isMisread(each))) return value;
  env.problem(variable, MUST_ENCODE);
  return undefined;
}

/**
 * Whether an unencoded special character cuts the password short: / ? or # ends the part before the host, so the @
 * comes after it. A percent sign must start a percent-encoded character.
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

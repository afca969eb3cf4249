/** How emails leave: a mail server, or the development mailbox. */
import { isIPv4 } from 'node:net';
import type { Environment } from '../environment.ts';
import { isLoopback, isLoopbackSite } from '../loopback.ts';
import { urlWithPassword } from '../url-with-password.ts';
import type { ListenConfig } from './listen-settings.ts';
import { mailTransportOf } from './transport-settings.ts';

export type MailConfig =
  /** `site`: the host, besides this machine and IP addresses, under which the development mailbox can be read. */
  | { kind: 'mailbox'; from: string; site: string }
  /**
   * `clientName`: our name in the SMTP dialogue (EHLO), if PUBLIC_URL provides one. `requiresTls`: even without a
   * password in the URL, which requires it anyway.
   */
  | { kind: 'smtp'; url: string; from: string; clientName: string | null; requiresTls: boolean };

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

/** Delivers emails: to a mail server by SMTP, or to the development mailbox if none is configured. */
import { createTransport } from 'nodemailer';
import { isLoopback } from '#config/loopback.ts';
import type { MailConfig } from '#config/network/mail-settings.ts';
import { maskAddress } from '#core/input/email-address.ts';
import type { Mail } from '#core/mail/mail.ts';
import { MailNotSentError } from '#errors/mail-not-sent-error.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { createMailbox, type Mailbox } from './mailbox.ts';

export type Mailer = {
  /**
   * Resolves when the server has accepted the email. Fails with MailNotSentError, which says whether to retry later.
   * @param id becomes its Message-ID. The same for every try, so that a copy can be recognized: a connection that is
   * lost after the content leaves open whether the server has accepted it.
   */
  send: (mail: Mail, id?: string) => Promise<void>;
  /** How many emails can be sent at once. */
  connections: number;
  /** Waits for emails in progress, then closes the connections. */
  close: () => Promise<void>;
  /** The development mailbox; null if emails are sent by SMTP. */
  mailbox: Mailbox | null;
};

type MailboxConfig = Extract<MailConfig, { kind: 'mailbox' }>;
type SmtpConfig = Extract<MailConfig, { kind: 'smtp' }>;

const TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 15_000;
/** Without `?maxConnections=` in SMTP_URL. Mail servers usually allow one client 20 or more. */
const DEFAULT_CONNECTIONS = 10;

/** A single plain addr-spec: rejects anything that could be read as two recipients, a display name, or a header. */
const ONE_ADDRESS = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$/;

/**
 * Creates the configured mailer. SMTP connects with the first email, so the service starts even if the server is down.
 */
export function createMailer(config: MailConfig, clock: Clock, log: Log): Mailer {
  const deliver =
    config.kind === 'smtp' ? createSmtpDelivery(config, clock) : createMailboxDelivery(config, clock, log);
  return {
    mailbox: deliver.mailbox,
    connections: deliver.connections,
    close: deliver.close,
    send: async (mail, id) => {
      if (!ONE_ADDRESS.test(mail.to)) {
        throw new MailNotSentError('The recipient is not a single plain email address.', { isFinal: true });
      }
      await deliver.send(mail, id);
    },
  };
}

function createMailboxDelivery({ site }: MailboxConfig, clock: Clock, log: Log): Mailer {
  const mailbox = createMailbox(site);
  return {
    mailbox,
    connections: 1,
    close: async () => {},
    send: async (mail) => {
      const { id } = mailbox.add(mail, clock());
      log.info(
        // The subject may contain the code.
        { to: maskAddress(mail.to), mail: mail.name, mailboxId: id },
        'email is in the development mailbox',
      );
    },
  };
}

function createSmtpDelivery(config: SmtpConfig, clock: Clock): Mailer {
  const from = parseSender(config.from);
  const connections = connectionsOf(config);
  // No retries here, except on a connection that the server has closed meanwhile: the outbox retries later.
  const transport = createTransport({
    pool: true,
    maxConnections: connections,
    maxRequeues: 1,
    ...connectionOptions(config),
  });
  const underWay = new Set<Promise<unknown>>();
  return {
    mailbox: null,
    connections,
    send: async (mail, id) => {
      // An address in an object is not parsed, so it cannot become several (RFC 5322 lists, groups, comments).
      const to = { address: mail.to, name: '' };
      const sending = transport.sendMail({
        from,
        to,
        envelope: { from, to: [to] },
        subject: mail.subject,
        text: mail.text,
        html: mail.html,
        attachments: attachmentsOf(mail),
        ...(id !== undefined && { messageId: `<${id}@${domainOf(from.address)}>` }),
        date: clock(),
        // RFC 3834: suppresses automatic replies.
        headers: { 'Auto-Submitted': 'auto-generated' },
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      underWay.add(sending);
      try {
        await sending;
      } catch (error) {
        throw notSent(error);
      } finally {
        underWay.delete(sending);
      }
    },
    close: async () => {
      const { promise: timeout, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
      await Promise.race([Promise.allSettled(underWay), timeout]);
      clearTimeout(timer);
      transport.close();
    },
  };
}

/** The image that the HTML part names: part of the email, so that mail clients show it without asking. */
function attachmentsOf({ logo }: Mail) {
  if (logo === null) return [];
  const [, extension = ''] = logo.type.split('/');
  const content = Buffer.from(logo.bytes);
  const inline = { cid: 'logo', contentDisposition: 'inline' } as const;
  return [{ filename: `logo.${extension}`, content, contentType: logo.type, ...inline }];
}

/** Connects to the mail server and authenticates if a user is set; sends nothing. Fails with MailNotSentError. */
export async function checkMailServer(config: SmtpConfig): Promise<void> {
  const transport = createTransport(connectionOptions(config));
  try {
    await transport.verify();
  } catch (error) {
    throw notSent(error);
  } finally {
    transport.close();
  }
}

function connectionOptions({ url, clientName, requiresTls }: SmtpConfig) {
  return {
    // Without it, nodemailer gives the name of the machine, which means nothing outside, or [127.0.0.1].
    ...(clientName !== null && { name: clientName }),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    dnsTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    requireTLS: requiresTls || mustEncrypt(url),
    disableFileAccess: true,
    disableUrlAccess: true,
    // Last, because the query may set any nodemailer option, for example ?requireTLS=false.
    url,
  };
}

/** `?maxConnections=` of SMTP_URL, which nodemailer reads as well. */
function connectionsOf({ url }: SmtpConfig): number {
  const given = Number(new URL(url).searchParams.get('maxConnections'));
  return Number.isInteger(given) && given >= 1 ? given : DEFAULT_CONNECTIONS;
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

/** MAIL_FROM, validated by parseConfig: `address` or `Name <address>`. */
function parseSender(from: string): { address: string; name: string } {
  const match = /^(.*)<([^<>]+)>$/.exec(from.trim());
  return match
    ? { name: (match[1] ?? '').trim().replace(/^"(.*)"$/, '$1'), address: match[2] ?? '' }
    : { name: '', address: from.trim() };
}

/**
 * Whether to refuse a connection without TLS: if the URL contains a password, unless the server is on this machine.
 * Otherwise STARTTLS is used only when offered, and an attacker in between can hide the offer (RFC 8314).
 */
function mustEncrypt(url: string): boolean {
  const { username, hostname: host } = new URL(url);
  return username !== '' && !isLoopback(host);
}

/** Servers repeat the recipient in their refusals; the error does not. */
function notSent(error: unknown): MailNotSentError {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'failure';
  const message = error instanceof Error ? error.message : '';
  return new MailNotSentError(`SMTP ${code}: ${message.replace(/[^\s<>"'(),;:]+@[^\s<>"'(),;:]+/g, maskAddress)}`, {
    isFinal: isPermanent(error),
  });
}

/**
 * A 5xx reply to the recipient or to the content is about this email, and trying again would get the same (RFC 5321
 * section 4.2.1). One to the greeting, the sign-in or the sender is about our setup, which an operator fixes.
 */
function isPermanent(error: unknown): boolean {
  if (!(error instanceof Error && 'responseCode' in error && 'command' in error)) return false;
  const { responseCode, command } = error;
  return Number(responseCode) >= 500 && (command === 'RCPT TO' || command === 'DATA');
}

/** Hands mails over: to a mail server by SMTP, or to the development mailbox when none is set. */
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { createTransport } from 'nodemailer';
import type { MailConfig } from '#config/url-settings.ts';
import { type Mail, maskAddress } from '#core/mail/mail.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import { createMailbox, type Mailbox } from './mailbox.ts';

export type Mailer = {
  /** Done when the server has taken the email. Fails with MailNotSentError; the caller tries again later. */
  send: (mail: Mail) => Promise<void>;
  /** Waits for emails under way, then closes the connections. */
  close: () => Promise<void>;
  /** The development mailbox; null when emails leave by SMTP. */
  mailbox: Mailbox | null;
};

/** Why an email could not be handed over. The message holds no full address: it ends up in logs. */
export class MailNotSentError extends Error {
  override readonly name = 'MailNotSentError';
}

type SmtpConfig = Extract<MailConfig, { kind: 'smtp' }>;

const TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 15_000;

/** One plain addr-spec: anything that could be read as two recipients, a display name or a header line is refused. */
const ONE_ADDRESS = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$/;

/** The mailer that the settings ask for. SMTP connects with the first email, so a server that is down stops no start. */
export function createMailer(config: MailConfig, clock: Clock, log: Log): Mailer {
  const deliver = config.kind === 'smtp' ? createSmtpDelivery(config, clock) : createMailboxDelivery(clock, log);
  return {
    mailbox: deliver.mailbox,
    close: deliver.close,
    send: async (mail) => {
      if (!ONE_ADDRESS.test(mail.to)) throw new MailNotSentError('The recipient is not one plain address.');
      await deliver.send(mail);
    },
  };
}

function createMailboxDelivery(clock: Clock, log: Log): Mailer {
  const mailbox = createMailbox();
  return {
    mailbox,
    close: async () => {},
    send: async (mail) => {
      const { id } = mailbox.add(mail, clock());
      log.info(
        { to: maskAddress(mail.to), subject: mail.subject, mailboxId: id },
        'mail is in the development mailbox',
      );
    },
  };
}

function createSmtpDelivery(config: SmtpConfig, clock: Clock): Mailer {
  const from = parseSender(config.from);
  // The outbox tries again later; here a lost connection is told at once.
  const transport = createTransport({
    pool: true,
    maxConnections: 2,
    maxRequeues: 1,
    ...connectionOptions(config),
  });
  const underWay = new Set<Promise<unknown>>();
  return {
    mailbox: null,
    send: async (mail) => {
      // As an object the address is never parsed, so it can never become several (RFC 5322 lists, groups, comments).
      const to = { address: mail.to, name: '' };
      const sending = transport.sendMail({
        from,
        to,
        envelope: { from, to: [to] },
        subject: mail.subject,
        text: mail.text,
        html: mail.html,
        date: clock(),
        // RFC 3834: no out-of-office note comes back.
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

/** Connects to the mail server, and authenticates if a user is set; sends nothing. Fails with MailNotSentError. */
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

function connectionOptions({ url, clientName }: SmtpConfig) {
  // nodemailer says [127.0.0.1] on a machine whose name has no dot, as those of containers; servers may refuse that.
  const name = hostname().includes('.') ? null : clientName;
  return {
    ...(name === null ? {} : { name }),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    dnsTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    requireTLS: mustEncrypt(url),
    disableFileAccess: true,
    disableUrlAccess: true,
    // Last, for its query may set any option of nodemailer, for example ?requireTLS=false.
    url,
  };
}

/** MAIL_FROM, whose form parseConfig has checked: `address` or `Name <address>`. */
function parseSender(from: string): { address: string; name: string } {
  const match = /^(.*)<([^<>]+)>$/.exec(from.trim());
  return match
    ? { name: (match[1] ?? '').trim().replace(/^"(.*)"$/, '$1'), address: match[2] ?? '' }
    : { name: '', address: from.trim() };
}

/**
 * Whether a connection without TLS must be refused. With a password in the URL it must, unless the server is this
 * machine: STARTTLS is otherwise taken when offered, and somebody on the path can make it look not offered (RFC 8314).
 */
function mustEncrypt(url: string): boolean {
  const { username, hostname: named } = new URL(url);
  const host = named.replace(/^\[|\]$/g, '');
  const isThisMachine = host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
  return username !== '' && !isThisMachine;
}

/** Servers repeat the recipient in their refusals; what we throw does not. */
function notSent(error: unknown): MailNotSentError {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'failure';
  const message = error instanceof Error ? error.message : '';
  return new MailNotSentError(`SMTP ${code}: ${message.replace(/[^\s<>"'(),;:]+@[^\s<>"'(),;:]+/g, maskAddress)}`);
}

/** A real mail server on a free port of this machine, which keeps what it receives. */
import type { AddressInfo } from 'node:net';
import { domainToASCII } from 'node:url';
import PostalMime, { type Attachment } from 'postal-mime';
import { SMTPServer } from 'smtp-server';

export type ReceivedMail = {
  /** What was said in the SMTP dialogue: who really gets the email. */
  envelope: { from: string; to: string[] };
  /** The name that the client gave in the SMTP dialogue. */
  clientName: string;
  /** The addresses of the To header. */
  to: string[];
  subject: string;
  text: string;
  html: string;
  attachments: Attachment[];
  /** Names in lower case; of several with one name the last. */
  headers: Record<string, string>;
  /** The whole message as it came over the wire. */
  raw: string;
  /** The six digits, if there are any. */
  code: string | null;
  /** The link to one of our pages, or to one of the front end, if there is any. */
  link: string | null;
};

export type SmtpServer = {
  /** For SMTP_URL. */
  url: string;
  /** In order of arrival. */
  mails: ReceivedMail[];
  /** The first email, received or to come, that fits. */
  waitForMail: (predicate: (mail: ReceivedMail) => boolean, timeoutMs?: number) => Promise<ReceivedMail>;
  /** Drops every connection and refuses new ones. */
  pause: () => Promise<void>;
  /** Accepts connections again, on the same port. */
  resume: () => Promise<void>;
  /** Refuses a recipient (or `sender:` and a sender): for good (550), or with another reply. */
  refuse: (address: string, reply?: number) => void;
  /** Accepts a recipient again. */
  accept: (address: string) => void;
  /** Keeps the next email and cuts the connection instead of saying so. */
  cutAfterNext: () => void;
  /** Before an email is accepted; the email stays under way until it resolves. */
  beforeAccepting: (wait: (address: string) => Promise<void>) => void;
  close: () => Promise<void>;
};

export async function startSmtpServer(): Promise<SmtpServer> {
  const mails: ReceivedMail[] = [];
  const refused = new Map<string, number>();
  let cuts = 0;
  let beforeAccepting: (address: string) => Promise<void> = async () => {};
  const waiting = new Set<() => void>();

  const create = () =>
    new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      disableReverseLookup: true,
      closeTimeout: 1,
      onMailFrom: ({ address }, _session, done) => {
        const responseCode = refused.get(`sender:${address}`);
        if (responseCode === undefined) return done();
        done(Object.assign(new Error(`<${address}> not allowed`), { responseCode }));
      },
      onRcptTo: ({ address }, _session, done) => {
        const responseCode = refused.get(address);
        if (responseCode === undefined) return done();
        done(Object.assign(new Error(`<${address}> unknown`), { responseCode }));
      },
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', async () => {
          const { mailFrom, rcptTo } = session.envelope;
          await beforeAccepting(rcptTo[0]?.address ?? '');
          mails.push(
            await parseMail(Buffer.concat(chunks), session.hostNameAppearsAs, {
              from: mailFrom === false ? '' : mailFrom.address,
              // As it came over the wire: smtp-server has decoded the domain.
              to: rcptTo.map(({ address }) => address.replace(/[^@]*$/, domainToASCII)),
            }),
          );
          for (const look of waiting) look();
          if (cuts > 0) {
            cuts -= 1;
            cut(session.id);
            return;
          }
          done();
        });
      },
    });
  const listen = async (server: SMTPServer, port: number) => {
    server.on('error', () => {});
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
    await promise;
    return server;
  };
  const stop = (server: SMTPServer | null) =>
    new Promise<void>((resolve) => {
      if (server === null) return resolve();
      server.close(resolve);
    });

  const cut = (id: string) => {
    for (const connection of server?.connections ?? []) {
      if (connection.id === id) connection.close();
    }
  };

  let server: SMTPServer | null = await listen(create(), 0);
  const { port } = server.server.address() as AddressInfo;

  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    waitForMail: (predicate, timeoutMs = 10_000) => {
      const { promise, resolve, reject } = Promise.withResolvers<ReceivedMail>();
      const look = () => {
        const found = mails.find(predicate);
        if (found === undefined) return;
        clearTimeout(timer);
        waiting.delete(look);
        resolve(found);
      };
      const timer = setTimeout(() => {
        waiting.delete(look);
        const seen = mails.map((mail) => `${mail.envelope.to.join(', ')}: ${mail.subject}`).join('\n  ');
        reject(new Error(`no such email in ${timeoutMs} ms; received were:\n  ${seen}`));
      }, timeoutMs);
      waiting.add(look);
      look();
      return promise;
    },
    pause: async () => {
      const stopping = server;
      server = null;
      await stop(stopping);
    },
    resume: async () => {
      server ??= await listen(create(), port);
    },
    refuse: (address, reply = 550) => void refused.set(address, reply),
    accept: (address) => void refused.delete(address),
    cutAfterNext: () => {
      cuts += 1;
    },
    beforeAccepting: (wait) => {
      beforeAccepting = wait;
    },
    close: async () => {
      await stop(server);
      server = null;
    },
  };
}

async function parseMail(raw: Buffer, clientName: string, envelope: ReceivedMail['envelope']): Promise<ReceivedMail> {
  const mail = await PostalMime.parse(raw);
  const text = mail.text ?? '';
  return {
    envelope,
    clientName,
    to: (mail.to ?? []).flatMap((entry) => (entry.group ?? [entry]).map(({ address }) => address ?? '')),
    subject: mail.subject ?? '',
    text,
    html: mail.html ?? '',
    attachments: mail.attachments,
    headers: Object.fromEntries(mail.headers.map(({ key, value }) => [key, value])),
    raw: raw.toString('latin1'),
    code: /^\s*(\d{6})\s*$/m.exec(text)?.[1] ?? null,
    link: /^https?:\/\/\S+[?#]token=\S+$/m.exec(text)?.[0] ?? null,
  };
}

/** The whole service in process, on a database of its own, with a movable clock and a real mail server. */
import { readFileSync } from 'node:fs';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { type ExecutionResult, print } from 'graphql';
import { type App, createApp } from '#app.ts';
import { type Config, parseConfig } from '#config/config.ts';
import type { PostgresqlConfig } from '#config/database/database-settings.ts';
import { createLog } from '#outside/log.ts';
import { LoginDocument, RegisterDocument, VerifyEmailDocument } from '../generated/graphql.ts';
import { type Engine, freshDatabase } from './database.ts';
import { overListener } from './over-listener.ts';
import { type ReceivedMail, type SmtpServer, startSmtpServer } from './smtp.ts';

export const PASSWORD = 'correct horse battery staple';
export const SECRET = 'a secret that is only good for tests, 48 bytes long';

/** How a request is sent: who it says it is, and from where. */
export type Sending = { bearer?: string; ip?: string; headers?: Record<string, string> };
export type Person = { id: string; email: string; accessToken: string; refreshToken: string; sessionId: string };

/** An answer without top-level errors: a page or result that may be null is so only where its field failed. */
export type Whole<Value> = Value extends object
  ? { [Field in keyof Value]: Whole<WithoutFailure<Value[Field]>> }
  : Value;
type WithoutFailure<Value> = [Extract<Value, { __typename: `${string}${'Connection' | 'Success'}` }>] extends [never]
  ? Value
  : NonNullable<Value>;

export type Latchkey = {
  app: App;
  config: Config;
  smtp: SmtpServer;
  /** Every line the service logged, as text. */
  logged: () => string;
  /** Moves the service's clock forward. */
  advance: (time: { seconds?: number; minutes?: number; hours?: number; days?: number }) => void;
  /** Sends a typed operation to /graphql. */
  send: <Data, Variables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    sending?: Sending,
  ) => Promise<ExecutionResult<Data>>;
  /** As `send`, and fails with everything it got when there is a top-level error. */
  ask: <Data, Variables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    sending?: Sending,
  ) => Promise<Whole<NonNullable<Data>>>;
  /** A request to any path. */
  fetch: (path: string, init?: RequestInit, ip?: string) => Promise<Response>;
  /** The newest email to an address, after it has arrived. `count` waits for that many. */
  mailTo: (email: string, count?: number) => Promise<ReceivedMail>;
  /** A new address that nobody has used. */
  address: () => string;
  /** Someone with an account: registered, verified and signed in. */
  person: (input?: { email?: string; username?: string; phone?: string; password?: string }) => Promise<Person>;
  /** @param meanwhile what happens while the service is stopped */
  restart: (meanwhile?: () => Promise<unknown>) => Promise<void>;
  close: () => Promise<void>;
};

/** Settings that make tests quick; everything else is as it comes. */
const QUICK = {
  HASH_MEMORY_KIB: '64',
  HASH_ITERATIONS: '1',
  HASH_SLOTS: '2',
  LOG_LEVEL: 'debug',
  TRUSTED_PROXIES: '127.0.0.1',
};

const readText = (path: string) => readFileSync(path, 'utf8');

let people = 0;

export async function startLatchkey(
  options: {
    engine?: Engine;
    env?: Record<string, string>;
    /**
     * What requests go through: `fetch`, or `listener`, which serves node:http. TEST_FRONT=listener makes it the
     * default.
     */
    front?: 'fetch' | 'listener';
    /** Whether only the test moves the clock, for what lasts a second. */
    clockStands?: boolean;
    /** A database that is there already, and is not dropped. */
    on?: PostgresqlConfig;
    /** Changes where a PostgreSQL database is found: another port, other parameters. */
    reachedAt?: (url: URL) => void;
  } = {},
): Promise<Latchkey> {
  const fresh = options.on
    ? { ...options.on, drop: async () => {} }
    : await freshDatabase(options.engine ?? 'embedded');
  const smtp = await startSmtpServer();
  const env = {
    PUBLIC_URL: 'https://auth.example.test',
    SECRET,
    SMTP_URL: smtp.url,
    MAIL_FROM: 'Latchkey <no-reply@auth.example.test>',
  };
  const { drop, ...database } = fresh;
  if (database.kind === 'postgresql' && options.reachedAt !== undefined) {
    const url = new URL(database.url);
    options.reachedAt(url);
    database.url = url.href;
  }
  const config: Config = { ...parseConfig({ ...QUICK, ...env, ...options.env }, readText, readFileSync), database };
  const lines: string[] = [];
  const log = createLog(config.logLevel, { write: (line) => void lines.push(line) });
  let offset = 0;
  const started = Date.now();
  const clock = () => new Date((options.clockStands ? started : Date.now()) + offset);
  const open = () => createApp(config, { clock, log, mailRetrySeconds: 1 });
  let app = await open();

  const front = options.front ?? process.env['TEST_FRONT'] ?? 'fetch';
  const over = front === 'listener' ? await overListener((request, response) => app.listener(request, response)) : null;

  const fetch: Latchkey['fetch'] = (path, init, ip) => {
    const headers = new Headers(init?.headers);
    if (ip !== undefined) headers.set('x-forwarded-for', ip);
    const request = new Request(new URL(path, 'http://localhost:4000'), { ...init, headers });
    return over === null ? app.fetch(request, { remoteAddress: '127.0.0.1' }) : over.fetch(request);
  };
  const send: Latchkey['send'] = async (document, variables, sending = {}) => {
    const response = await fetch(
      '/graphql',
      {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/graphql-response+json',
          ...(sending.bearer === undefined ? {} : { authorization: `Bearer ${sending.bearer}` }),
          ...sending.headers,
        },
        body: JSON.stringify({ query: print(document), variables }),
      },
      sending.ip,
    );
    return response.json();
  };
  const ask: Latchkey['ask'] = async (document, variables, sending) => {
    const result = await send(document, variables, sending);
    if (result.errors || !result.data) throw new Error(`unexpected answer: ${JSON.stringify(result, null, 2)}`);
    return result.data as Whole<typeof result.data>;
  };
  const mailTo: Latchkey['mailTo'] = async (email, count = 1) => {
    const toThem = () => smtp.mails.filter((mail) => mail.envelope.to.includes(email));
    await smtp.waitForMail(() => toThem().length >= count);
    const mail = toThem().at(-1);
    if (mail === undefined) throw new Error(`no email to ${email}`);
    return mail;
  };
  const address = () => `person${++people}.${process.pid}@example.test`;

  const latchkey: Latchkey = {
    get app() {
      return app;
    },
    config,
    smtp,
    logged: () => lines.join(''),
    advance: ({ seconds = 0, minutes = 0, hours = 0, days = 0 }) => {
      offset += (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
    },
    send,
    ask,
    fetch,
    mailTo,
    address,
    person: async ({ email = address(), password = PASSWORD, ...identifiers } = {}) => {
      await ask(RegisterDocument, { input: { name: 'Ada Example', email, password, ...identifiers } });
      const { code } = await mailTo(email);
      await ask(VerifyEmailDocument, { input: { email, code } });
      const { login } = await ask(LoginDocument, { input: { identifier: email, password } });
      if (login.__typename !== 'LoginSuccess') throw new Error(`login failed: ${JSON.stringify(login)}`);
      const { tokens, user, session } = login;
      return {
        id: user.id,
        email,
        accessToken: tokens.accessToken,
        refreshToken: tokens.refreshToken ?? '',
        sessionId: session.id,
      };
    },
    restart: async (meanwhile) => {
      await app.close();
      await meanwhile?.();
      app = await open();
    },
    close: async () => {
      over?.close();
      await app.close();
      await smtp.close();
      await drop();
    },
  };
  return latchkey;
}

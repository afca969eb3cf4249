/** The short way of a plain POST over real sockets: what a client that misbehaves can do, and what is left behind. */
import { createReadStream, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { print } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LoginDocument, MeDocument, RegisterDocument, VerifyEmailDocument } from '../generated/graphql.ts';
import { freshDatabase } from '../support/database.ts';
import { type OverHttp, startOverHttp } from '../support/http.ts';
import { PASSWORD } from '../support/latchkey.ts';
import { type ServiceProcess, startService } from '../support/process.ts';
import { type HandSocket, openSocket } from '../support/socket.ts';

const QUICK_CUT = { headersMs: 500, requestMs: 1500, stallMs: 20_000, answerMs: 20_000 };

let http: OverHttp;
beforeAll(async () => {
  http = await startOverHttp({}, 'postgresql', QUICK_CUT);
});
afterAll(() => http.close());

function head(length: number, bearer?: string): string {
  const authorization = bearer === undefined ? '' : `authorization: Bearer ${bearer}\r\n`;
  return `POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${authorization}content-length: ${length}\r\n\r\n`;
}

async function ask(body: string, bearer: string): Promise<unknown> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${bearer}` };
  return (await fetch(`${http.url}/graphql`, { method: 'POST', headers, body })).json();
}

const requestLines = (): Record<string, unknown>[] =>
  http.latchkey
    .logged()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ msg }) => msg === 'request');

describe('a client of the short way', () => {
  test('that is slow or silent holds nobody up, and is cut off', async () => {
    const { accessToken, email } = await http.latchkey.person();
    const body = JSON.stringify({ query: print(MeDocument) });
    const sockets: HandSocket[] = await Promise.all(Array.from({ length: 200 }, () => openSocket(http.port)));
    for (const [index, socket] of sockets.entries()) {
      socket.write(head(body.length, accessToken) + body.slice(0, index % body.length));
    }
    expect(await ask(body, accessToken)).toMatchObject({ data: { me: { email } } });
    await Promise.all(sockets.map((socket) => socket.closed));
    expect(sockets.filter((socket) => socket.received().includes('200 OK'))).toEqual([]);
  });

  test('that hangs up before its answer is noticed, and what it asked for is done once', async () => {
    const { email } = await http.latchkey.person();
    const before = requestLines().length;
    const body = JSON.stringify({
      query: print(LoginDocument),
      variables: { input: { identifier: email, password: PASSWORD } },
    });
    const socket = await openSocket(http.port);
    socket.write(head(Buffer.byteLength(body)) + body);
    socket.end();
    await expect.poll(() => requestLines().slice(before)).toMatchObject([{ path: '/graphql', status: 499 }]);
    const { prisma } = http.latchkey.app.parts.database;
    // The one that the person opened, and one more if the body had arrived by then.
    expect(await prisma.session.count({ where: { user: { email } } })).toBeLessThanOrEqual(2);
    expect(http.latchkey.logged()).not.toContain('"level":"error"');
  });

  test('has the same log line as one of the long way, with the request id of its answer', async () => {
    const { accessToken } = await http.latchkey.person();
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${accessToken}` },
      body: JSON.stringify({ query: print(MeDocument) }),
    };
    const lineOf = async (response: Response) => {
      await response.text();
      const requestId = response.headers.get('x-request-id');
      await expect.poll(() => requestLines().map((line) => line['requestId'])).toContain(requestId);
      const { time, ms, requestId: _, traceId, ip, ...line } = requestLines().at(-1) ?? {};
      expect([typeof time, typeof ms, typeof traceId, typeof ip]).toEqual(['number', 'number', 'string', 'string']);
      return line;
    };
    const short = await lineOf(await fetch(`${http.url}/graphql`, init));
    const long = await lineOf(await http.latchkey.app.fetch(new Request(`${http.url}/graphql`, init)));
    expect(short).toEqual(long);
    expect(short).toMatchObject({ path: '/graphql', status: 200, operation: 'query me', method: 'POST' });
  });
});

test('nothing of a credential is kept in memory', { timeout: 120_000 }, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'latchkey-heap-'));
  const database = await freshDatabase('postgresql');
  const service = await startService({
    DATABASE_URL: database.url,
    SECRET: 'a secret that is only good for tests, 48 bytes long',
    NODE_OPTIONS: `--heapsnapshot-signal=SIGUSR2 --diagnostic-dir=${directory}`,
  });
  try {
    const password = 'Nineteen quiet herons';
    const email = 'ada@example.test';
    await service.ask(RegisterDocument, { input: { name: 'Ada', email, password } });
    const code = await codeInMailbox(service);
    await service.ask(VerifyEmailDocument, { input: { email, code } });
    const { login } = await service.ask(LoginDocument, { input: { identifier: email, password } });
    if (login.__typename !== 'LoginSuccess') throw new Error(login.__typename);
    const { accessToken, refreshToken } = login.tokens;
    if (refreshToken === null) throw new Error('no refresh token');
    for (let times = 0; times < 3; times++) {
      expect((await service.ask(MeDocument, {}, accessToken)).me?.email).toBe(email);
    }
    // What the last requests left in the buffers of Node.js is written over.
    for (let times = 0; times < 20; times++) await service.ask(MeDocument, {});
    service.signal('SIGUSR2');
    await expect.poll(() => readdirSync(directory), { timeout: 60_000 }).toHaveLength(1);
    // It answers again when the file is complete.
    await service.fetch('/healthz');
    const [snapshot = ''] = readdirSync(directory);
    const found = await searchFor([email, password, accessToken, refreshToken], join(directory, snapshot));
    // The mailbox of development holds the address, which shows that the search finds what is there.
    expect(found).toEqual([email]);
  } finally {
    await service.stop('SIGKILL');
    await database.drop();
    await rm(directory, { recursive: true, force: true });
  }
});

/** The code of the only email. */
async function codeInMailbox(service: ServiceProcess): Promise<string> {
  const page = async (path: string) => (await service.fetch(path, { headers: { accept: 'text/html' } })).text();
  const look = async () => {
    const link = /href="(mailbox\/[^"]+)"/.exec(await page('/dev/mailbox'))?.[1];
    return (link && /id="code">(\d{6})</.exec(await page(`/dev/${link}`))?.[1]) ?? '';
  };
  await expect.poll(look, { timeout: 10_000 }).toMatch(/^\d{6}$/);
  return look();
}

/** Those of the texts that stand in the file. */
async function searchFor(texts: readonly string[], path: string): Promise<string[]> {
  const found = new Set<string>();
  let rest = '';
  for await (const chunk of createReadStream(path, 'latin1')) {
    rest += chunk;
    for (const text of texts) if (rest.includes(text)) found.add(text);
    rest = rest.slice(-2000);
  }
  return texts.filter((text) => found.has(text));
}

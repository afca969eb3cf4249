/**
 * Two ways lead to an operation: the short one for a plain POST over node:http, and Yoga's own for everything else.
 * Requests of every kind, valid, malformed and hostile, get the same answer on both: status, headers and body.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { print } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LoginDocument, RegisterDocument, VerifyEmailDocument } from '../generated/graphql.ts';
import { type Latchkey, type Person, startLatchkey } from '../support/latchkey.ts';
import { type OverListener, overListener } from '../support/over-listener.ts';

const ORIGIN = 'https://app.example.test';

let latchkey: Latchkey;
let over: OverListener;
let person: Person;
let ended: Person;
let otherUsers = 0;
let directory = '';

async function start(env: Record<string, string>): Promise<void> {
  latchkey = await startLatchkey({
    front: 'fetch',
    env: { CORS_ORIGINS: ORIGIN, GRAPHQL_INTROSPECTION: 'off', ...env },
  });
  over = await overListener((request, response) => latchkey.app.listener(request, response));
  person = await latchkey.person();
  ended = await latchkey.person();
  await latchkey.app.parts.database.prisma.session.updateMany({
    where: { userId: ended.id },
    data: { endedAt: new Date(), endReason: 'logout' },
  });
}
async function stop(): Promise<void> {
  over.close();
  await latchkey.close();
}
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'latchkey-operations-'));
  const signIn = [RegisterDocument, VerifyEmailDocument, LoginDocument].map((document, at) => [at, print(document)]);
  const documents = { known: DOCUMENTS[0], mutation: DOCUMENTS[7], ...Object.fromEntries(signIn) };
  await writeFile(join(directory, 'documents.json'), JSON.stringify(documents));
});
afterAll(() => rm(directory, { recursive: true }));

const DOCUMENTS = [
  '{ me { id name email role isVerified createdAt updatedAt } }',
  '{ me { ...Whole security { hasPassword recoveryCodesLeft } } } fragment Whole on User { id username phone locale }',
  'query A { me { id } } query B { me { name } }',
  'query A($id: ID!) { organization(id: $id) { id } }',
  'query ($first: Int) { me { sessions(first: $first) { edges { node { id isCurrent } } } } }',
  '{ users(first: 2) { edges { node { role } } } }',
  'query ($id: ID!) { user(id: $id) { email } }',
  'mutation ($input: VerifyEmailInput!) { verifyEmail(input: $input) { __typename ... on Error { code message } } }',
  'mutation { updateProfile(input: { name: "hunter2 hunter2" }) { __typename } nothing }',
  'mutation { refresh(input: { refreshToken: "hunter2" }) { __typename } }',
  'subscription { me { id } }',
  '{ __schema { types { name } } }',
  '{ __typename }',
  '{ me { id @skip(if: true) } }',
  `{ ${Array.from({ length: 60 }, (_, at) => `a${at}: me { id }`).join(' ')} }`,
  '{ me { id ',
  'hunter2',
  '',
  '# nothing',
] as const;

/** Nine times of ten the first kind. */
const mostly = (usual: fc.Arbitrary<unknown>, unusual: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: unusual });
/** A text with something missing, doubled, or out of place. */
const damaged = fc
  .tuple(fc.constantFrom(...DOCUMENTS), fc.nat(200), fc.constantFrom('', '{', '"', '\0', '…', '$x', 'me', '\ud800'))
  .map(([text, at, insert]) => text.slice(0, at) + insert + text.slice(at + 1));
const anything = fc.constantFrom<unknown>(undefined, null, '', 'x', 0, true, [], [1], {}, { a: 1 });
const params = fc.record(
  {
    query: fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom(...DOCUMENTS) },
      { weight: 2, arbitrary: damaged },
      anything,
    ),
    variables: mostly(
      fc.constantFrom(
        undefined,
        { id: 'x', first: 2, input: { email: 'nobody@example.test', code: '000000' } },
        { id: '0190a0b0-0000-7000-8000-000000000000', first: -1, input: null },
        { first: 'hunter2', input: { email: ['hunter2'], code: {} } },
      ),
      anything,
    ),
    operationName: mostly(fc.constant(undefined), fc.oneof(fc.constantFrom(null, '', 'A', 'B', 'C'), anything)),
    extensions: mostly(
      fc.constant(undefined),
      fc.oneof(
        fc.constantFrom<object>({ persistedQuery: { version: 1 } }, { persistedQuery: { sha256Hash: 'known' } }),
        anything,
      ),
    ),
    documentId: mostly(fc.constant(undefined), fc.oneof(fc.constantFrom('known', 'mutation', 'unknown'), anything)),
    more: mostly(fc.constant(undefined), fc.constant('x')),
  },
  { requiredKeys: ['query'] },
);
const body = fc.oneof(
  { weight: 8, arbitrary: params.map((it) => Buffer.from(JSON.stringify(it))) },
  {
    weight: 1,
    arbitrary: fc.tuple(params, fc.nat(60)).map(([it, at]) => Buffer.from(JSON.stringify(it).slice(0, at))),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      Buffer.alloc(0),
      Buffer.from('null'),
      Buffer.from('[{"query":"{me{id}}"}]'),
      Buffer.from('\ufeff{"query":"{me{id}}"}'),
      Buffer.from('{"query":"{me{id}}","query":"{me{name}}"}'),
      Buffer.from('{"query":"{me{id}}","__proto__":{"query":"{me{name}}"}}'),
      Buffer.concat([Buffer.from('{"query":"{me{id}} # '), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]),
      Buffer.from(JSON.stringify({ query: `{me{id}} # ${'x'.repeat(100_000)}` })),
      Buffer.from(JSON.stringify({ query: `{me{id}} # ${'x'.repeat(99_000)}` })),
    ),
  },
);

const mediaRange = fc.constantFrom(
  ...['application/json', 'application/graphql-response+json', '*/*', 'application/*', 'text/html', 'Application/JSON'],
  ...['text/event-stream', 'multipart/mixed', 'image/png', 'json', '*', '', 'application/json;charset=utf-8'],
  ...['application/json; charset=latin1', 'application/json;q=0', '*/*;q=0.1', 'text/*', ' application/json '],
);
const accept = fc.oneof(
  fc.constantFrom(undefined, 'application/json', 'application/graphql-response+json'),
  fc.array(mediaRange, { minLength: 1, maxLength: 4 }).map(String),
);
const contentType = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom('application/json', 'application/json; charset=utf-8', 'Application/Json') },
  fc.constantFrom(undefined, '', 'text/plain', 'application/json;charset=latin1', 'application/json, text/plain'),
  fc.constantFrom(
    'application/graphql',
    'application/x-www-form-urlencoded',
    'application/json ; x',
    ' application/json',
  ),
);
const authorization = fc.constantFrom<(() => string) | undefined>(
  undefined,
  () => `Bearer ${person.accessToken}`,
  () => `bearer ${person.accessToken}`,
  () => `Bearer ${ended.accessToken}`,
  () => `Bearer ${person.accessToken.slice(0, -2)}`,
  () => `Bearer ${person.refreshToken}`,
  () => `Bearer ${person.accessToken}, Bearer ${person.accessToken}`,
  () => 'Bearer',
  () => 'Basic aHVudGVyMjpodW50ZXIy',
);
const headers = fc.record({
  accept,
  'content-type': contentType,
  authorization,
  origin: fc.constantFrom(undefined, undefined, ORIGIN, 'https://evil.example', 'null'),
  'x-organization-id': fc.constantFrom(undefined, undefined, 'x', '0190a0b0-0000-7000-8000-000000000000'),
  'content-encoding': fc.constantFrom(undefined, undefined, undefined, 'gzip', 'identity'),
  'accept-language': fc.constantFrom(undefined, 'de'),
});

type Generated = { headers: Record<string, string | (() => string) | undefined>; body: Buffer };

function toRequest({ headers: given, body: bytes }: Generated): Request {
  const set = new Headers();
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined) set.set(name, typeof value === 'function' ? value() : value);
  }
  // A network of its own for each, so that no budget is left smaller for the second.
  set.set('x-forwarded-for', `198.18.${Math.floor(otherUsers / 250) % 250}.${(otherUsers++ % 250) + 1}`);
  return new Request('http://localhost:4000/graphql', { method: 'POST', headers: set, body: new Uint8Array(bytes) });
}

/** What a client can tell of an answer, but for what is different in each. */
async function seen(response: Response) {
  const requestId = response.headers.get('x-request-id') ?? 'no request id';
  // Of the connection, not of the answer (RFC 9110 section 7.6.1), and the date.
  const ofConnection = ['connection', 'keep-alive', 'date', 'transfer-encoding'];
  const pairs = [...response.headers].filter(([name]) => !ofConnection.includes(name.toLowerCase()));
  const text = Buffer.from(await response.arrayBuffer()).toString('latin1');
  return {
    status: response.status,
    headers: Object.fromEntries(pairs.map(([name, value]) => [name.toLowerCase(), value.replaceAll(requestId, 'ID')])),
    body: text.replaceAll(requestId, 'ID'),
  };
}

describe.each([
  ['any operation', 2000, () => ({})],
  [
    'persisted operations only, and their cost',
    1000,
    () => ({ PERSISTED_OPERATIONS: join(directory, 'documents.json'), GRAPHQL_COST: 'on' }),
  ],
] as const)('a plain POST over node:http and the same request to Yoga: %s', (_, runs, env) => {
  beforeAll(() => start(env()));
  afterAll(stop);

  test('get the same answer, to the byte', async () => {
    const statuses = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(fc.record({ headers, body }), async (generated) => {
        const long = await seen(await latchkey.app.fetch(toRequest(generated)));
        const short = await seen(await over.fetch(toRequest(generated)));
        statuses.set(long.status, (statuses.get(long.status) ?? 0) + 1);
        expect(short).toEqual(long);
      }),
      { numRuns: runs },
    );
    // The requests were not all refused for the same reason.
    expect([...statuses.keys()].sort()).toEqual(expect.arrayContaining([200, 400, 406, 413, 415]));
    expect(statuses.get(200)).toBeGreaterThan(runs / 50);
  }, 120_000);
});

/** PERSISTED_OPERATIONS: what is in the files runs, however it is named and sent, and nothing else does. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from '@graphql-codegen/cli';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseConfig } from '#config/config.ts';
import { type Latchkey, startLatchkey } from '../support/latchkey.ts';

const ME = 'query Who { me { id email } }';
const LOGIN =
  'mutation In($identifier: String!) { login(input: { identifier: $identifier, password: "wrong wrong wrong" }) { __typename } }';
const OUTDATED = 'query Gone { thisFieldIsGone }';
const NOT_FOUND = ['PERSISTED_QUERY_NOT_FOUND'];
const ONLY = ['PERSISTED_QUERY_ONLY'];

let directory = '';
const inFile = async (name: string, content: unknown) => {
  const path = join(directory, name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'latchkey-operations-'));
});
afterAll(() => rm(directory, { recursive: true }));

type Answer = {
  data?: unknown;
  extensions?: { cost?: unknown };
  errors?: { message: string; extensions: Record<string, unknown> }[];
};

describe.each(['fetch', 'listener'] as const)('persisted operations, through %s', (front) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    const byCodegen = await inFile('codegen.json', { me: ME, login: LOGIN, gone: OUTDATED });
    const manifest = { format: 'apollo-persisted-query-manifest', version: 1 };
    const operations = [{ id: 'by-apollo', name: 'Type', type: 'query', body: '{ __typename }' }];
    const byApollo = await inFile('apollo.json', { ...manifest, operations });
    latchkey = await startLatchkey({ front, env: { PERSISTED_OPERATIONS: `${byCodegen}, ${byApollo}` } });
  });
  afterAll(() => latchkey.close());

  const post = async (body: unknown, headers = {}) => {
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    };
    return (await (await latchkey.fetch('/graphql', init)).json()) as Answer;
  };
  const get = async (query: Record<string, string>) => {
    const headers = { 'x-graphql-yoga-csrf': '1', accept: 'application/json' };
    return (await (await latchkey.fetch(`/graphql?${new URLSearchParams(query)}`, { headers })).json()) as Answer;
  };
  const codesOf = ({ errors }: Answer) => errors?.map(({ extensions }) => extensions['code']);

  test.each([
    ['documentId', { documentId: 'me' }],
    ["Apollo's hash", { extensions: { persistedQuery: { version: 1, sha256Hash: 'me' } } }],
    ['the text, to the letter', { query: ME }],
    ['the name of the operation besides', { documentId: 'me', operationName: 'Who' }],
  ])('a known operation runs by %s', async (_, body) => {
    expect(await post(body)).toEqual({ data: { me: null } });
    expect(await post(body, { 'content-encoding': 'identity' })).toEqual({ data: { me: null } });
  });

  test('in a GET as well, and with variables', async () => {
    expect(await get({ documentId: 'me' })).toEqual({ data: { me: null } });
    expect(await get({ extensions: JSON.stringify({ persistedQuery: { sha256Hash: 'by-apollo' } }) })).toEqual({
      data: { __typename: 'Query' },
    });
    const answer = await post({ documentId: 'login', variables: { identifier: 'nobody@example.test' } });
    expect(answer).toEqual({ data: { login: { __typename: 'InvalidCredentialsError' } } });
  });

  test('an unknown one is refused with a code of its own, and so is a text that is not in a file', async () => {
    for (const id of ['unknown', '', '__proto__', 'constructor', ME]) {
      expect(codesOf(await post({ documentId: id }))).toEqual(NOT_FOUND);
      expect(codesOf(await post({ extensions: { persistedQuery: { sha256Hash: id } } }))).toEqual(NOT_FOUND);
      expect(codesOf(await get({ documentId: id }))).toEqual(NOT_FOUND);
    }
    const others = ['{ me { id } }', `${ME} `, '{ __schema { types { name } } }', '{ _service { sdl } }'];
    for (const query of others) {
      expect(codesOf(await post({ query }))).toEqual(ONLY);
      expect(codesOf(await get({ query }))).toEqual(ONLY);
      expect(codesOf(await post({ query, documentId: 'me' }))).toEqual(ONLY);
      expect(codesOf(await post({ query, extensions: { persistedQuery: { sha256Hash: 'me' } } }))).toEqual(ONLY);
    }
  });

  test.each([
    [{ query: [ME] }],
    [{ query: { toString: ME } }],
    [{ documentId: ['me'] }],
    [{ documentId: 1 }],
    [[{ documentId: 'me' }]],
    [[{ query: '{ me { id } }' }]],
    [null],
    [{}],
    [{ extensions: { persistedQuery: 'me' } }],
  ])('what is not an operation is refused: %j', async (body) => {
    const answer = await post(body);
    expect(answer).not.toHaveProperty('data');
    expect(answer.errors).toHaveLength(1);
  });

  test('a mutation stays a matter of POST', async () => {
    expect(await get({ documentId: 'login', variables: '{"identifier":"a"}' })).not.toHaveProperty('data');
  });

  test('there is no GraphiQL and no introspection, and pages and REST work as ever', async () => {
    const page = await latchkey.fetch('/graphql', { headers: { accept: 'text/html' } });
    expect(await page.text()).not.toContain('graphiql');
    expect((await latchkey.fetch('/', { headers: { accept: 'text/html' } })).status).toBe(200);
    const body = JSON.stringify({ email: 'nobody@example.test', password: 'wrong wrong wrong' });
    const headers = { 'content-type': 'application/json' };
    expect((await latchkey.fetch('/api/auth/login/', { method: 'POST', headers, body })).status).toBe(401);
  });

  test('an operation that no longer fits the schema is told at the start, and refused as always', async () => {
    expect(latchkey.logged()).toContain('"id":"gone"');
    expect(codesOf(await post({ documentId: 'gone' }))).toEqual(['GRAPHQL_VALIDATION_FAILED']);
  });
});

describe('the file', () => {
  test('is the one that GraphQL Code Generator writes', async () => {
    const files = await generate(
      {
        schema: 'schema.graphql',
        documents: ['query Who { me { id } }'],
        silent: true,
        generates: { 'out/': { preset: 'client', presetConfig: { persistedDocuments: true } } },
      },
      false,
    );
    const written = (files as { filename: string; content: string }[]).find(({ filename }) =>
      filename.endsWith('.json'),
    );
    const [id = ''] = Object.keys(JSON.parse(written?.content ?? '{}'));
    const { persistedOperations } = parseConfig({ PERSISTED_OPERATIONS: 'x' }, () => written?.content ?? '');
    expect(persistedOperations?.get(id)).toContain('query Who');
  });

  test('may be that of the client library, whose texts are those that it sends', async () => {
    const path = 'client/dist/persisted-documents.json';
    const content = await readFile(path, 'utf8');
    const read = parseConfig({ PERSISTED_OPERATIONS: path }, () => content);
    const sent = await readFile('client/dist/generated/operations.js', 'utf8');
    for (const text of read.persistedOperations?.values() ?? []) expect(sent).toContain(JSON.stringify(text));
    expect(read.persistedOperations?.size).toBeGreaterThan(3);
  });

  test.each([
    ['{', 'is neither JSON with a document for each id nor an Apollo persisted query manifest: x.json'],
    ['["query"]', 'is neither JSON with a document for each id nor an Apollo persisted query manifest: x.json'],
    ['{"a":1}', 'is neither JSON with a document for each id nor an Apollo persisted query manifest: x.json'],
    ['{}', 'contains no operation: x.json'],
    ['{"a":"{ me"}', 'the document of "a" is not GraphQL (Syntax Error: Expected Name, found <EOF>.): x.json'],
  ])('is refused at the start in one line: %s', (content, problem) => {
    expect(() => parseConfig({ PERSISTED_OPERATIONS: 'x.json' }, () => content)).toThrow(
      `Invalid settings:\n  PERSISTED_OPERATIONS: ${problem}`,
    );
  });

  test('cannot go with what sends other operations, nor be missing', () => {
    const read = () => '{"a":"{ me { id } }"}';
    expect(() => parseConfig({ PERSISTED_OPERATIONS: 'x', GRAPHIQL: 'on' }, read)).toThrow('GRAPHIQL: must be off');
    expect(() => parseConfig({ PERSISTED_OPERATIONS: 'x', FEDERATION: 'on' }, read)).toThrow('FEDERATION: must be off');
    const missing = () => {
      throw new Error('ENOENT');
    };
    expect(() => parseConfig({ PERSISTED_OPERATIONS: 'x' }, missing)).toThrow('cannot be read: x');
  });
});

describe('the cost of an operation', () => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ front: 'listener', env: { GRAPHQL_COST: 'on' } });
  });
  afterAll(() => latchkey.close());
  const ask = async (query: string) => {
    const headers = { 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body: JSON.stringify({ query }) };
    return (await (await latchkey.fetch('/graphql', init)).json()) as Answer;
  };

  test('is told beside its limits', async () => {
    const { extensions } = await ask(
      'query { a: me { ...P } } fragment P on User { sessions(first: 3) { nodes { id } } }',
    );
    expect(extensions).toEqual({
      cost: {
        depth: { used: 4, limit: 10 },
        aliases: { used: 1, limit: 20 },
        directives: { used: 0, limit: 20 },
        rootFields: { used: 1, limit: 20 },
        rows: { used: 3, limit: 12_000 },
      },
    });
  });

  test('is told in the error of a document that is over one', async () => {
    const { errors } = await ask(`query { ${Array.from({ length: 21 }, (_, at) => `a${at}: __typename`).join(' ')} }`);
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'QUERY_TOO_COMPLEX',
      cost: { aliases: { used: 21, limit: 20 }, rootFields: { used: 21, limit: 20 } },
    });
  });

  test('is not told by default', async () => {
    const quiet = await startLatchkey();
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"query":"{me{id}}"}' };
    expect(await (await quiet.fetch('/graphql', init)).json()).toEqual({ data: { me: null } });
    await quiet.close();
  });
});

/** The statuses in docs/graphql-api.md are those that a client sees over HTTP. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OverHttp, startOverHttp } from '../support/http.ts';
import type { Person } from '../support/latchkey.ts';

let service: OverHttp;
let ada: Person;
beforeAll(async () => {
  service = await startOverHttp();
  ada = await service.latchkey.person();
});
afterAll(() => service.close());

/** Code, and the statuses of both kinds of clients. */
const documented = readFileSync('docs/graphql-api.md', 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, codes = '', plain, strict] = /^\| ((?:`[A-Z_]+`(?:, )?)+) \| (\d+) \| (\d+) \|/.exec(line) ?? [];
    return [...codes.matchAll(/[A-Z_]+/g)].map(([code]) => [code, Number(plain), Number(strict)] as const);
  });

type Call = RequestInit & { path?: string };
const send = (body: unknown, headers: Record<string, string> = {}): Call => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});
const byAda = (query: string, headers = {}) =>
  send({ query }, { authorization: `Bearer ${ada.accessToken}`, ...headers });
const LOGIN = 'login(input: {identifier: "a", password: "b"}) { __typename }';

const CALLS: Record<string, () => Call> = {
  UNAUTHENTICATED: () => send({ query: 'mutation { logoutEverywhere { __typename } }' }),
  FORBIDDEN: () => byAda('{ users { totalCount } }'),
  BAD_USER_INPUT: () => send({ query: 'query ($id: ID!) { organization(id: $id) { id } }' }),
  BAD_REQUEST: () => byAda('{ currentOrganization { role } }', { 'x-organization-id': 'x' }),
  GRAPHQL_PARSE_FAILED: () => send({ query: '{' }),
  GRAPHQL_VALIDATION_FAILED: () => send({ query: '{ nothing }' }),
  OPERATION_RESOLUTION_FAILURE: () => send({ query: 'query A { me { id } } query B { me { id } }' }),
  QUERY_TOO_COMPLEX: () => send({ query: `{ ${'me { id } '.repeat(21)} }` }),
  TOO_MANY_OPERATIONS: () => send({ query: `mutation { a: ${LOGIN} b: ${LOGIN} }` }),
  REQUEST_ENTITY_TOO_LARGE: () => send({ query: 'x'.repeat(100_001) }),
  OPERATION_NOT_SUPPORTED: () => send({ query: 'subscription { me { id } }' }),
  PERSISTED_QUERY_NOT_SUPPORTED: () => send({ extensions: { persistedQuery: { version: 1, sha256Hash: 'x' } } }),
  NOT_ACCEPTABLE: () => send({ query: '{ me { id } }' }, { accept: 'text/html' }),
  CSRF_BLOCKED: () =>
    send(
      { query: 'mutation { refresh { __typename } }' },
      { cookie: `__Host-latchkey-refresh=${ada.refreshToken}`, origin: 'https://evil.example.test' },
    ),
};
/** What is hard to bring about, and tested where it is. */
const ELSEWHERE: Record<string, string> = {
  SERVICE_UNAVAILABLE: 'test/outages/outage.test.ts',
  TOO_MANY_REQUESTS: 'test/graphql/fair-share.test.ts',
  INTERNAL_SERVER_ERROR: 'test/graphql/http.test.ts',
  PERSISTED_QUERY_NOT_FOUND: 'test/graphql/persisted-operations.test.ts',
  PERSISTED_QUERY_ONLY: 'test/graphql/persisted-operations.test.ts',
};

test('every code has a row, and a request that brings it about', () => {
  const codes = documented.map(([code]) => code);
  expect(codes.toSorted()).toEqual([...Object.keys(CALLS), ...Object.keys(ELSEWHERE)].sort());
  for (const [code, file] of Object.entries(ELSEWHERE))
    expect([code, readFileSync(file, 'utf8')]).toEqual([code, expect.stringContaining(code)]);
});

test.each(documented.filter(([code]) => code in CALLS))('%s is %i, or %i', async (code, plain, strict) => {
  const statusOf = async (accept?: string) => {
    const { path = '/graphql', headers, ...init } = CALLS[code]?.() ?? {};
    const response = await fetch(service.url + path, { ...init, headers: { ...(accept && { accept }), ...headers } });
    const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
    expect(errors[0]?.extensions.code).toBe(code);
    return response.status;
  };
  expect([await statusOf(), await statusOf('application/graphql-response+json')]).toEqual([plain, strict]);
});

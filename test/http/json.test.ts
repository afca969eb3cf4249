/** Bodies that two readers could take for two requests are refused, over GraphQL and every REST API. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodingProblem, hasDuplicateKeys } from '#http/json.ts';
import { type Latchkey, startLatchkey } from '../support/latchkey.ts';

describe('duplicate names in JSON', () => {
  test.each([
    '{"a":1,"a":2}',
    '{"a":1, "b":{"c":1,"c":2}}',
    '[{"a":1},{"b":1,"b":1}]',
    '{"a":1,"\\u0061":2}',
    '{"a" : 1 ,\n"a"\t:2}',
    '{"__proto__":1,"__proto__":2}',
    '{"a":"{","a":"}"}',
  ])('are found: %s', (json) => {
    JSON.parse(json);
    expect(hasDuplicateKeys(json)).toBe(true);
  });

  test('are found in nothing that JSON.stringify writes, nor in values', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => !hasDuplicateKeys(JSON.stringify(value))));
    fc.assert(fc.property(fc.jsonValue(), (value) => !hasDuplicateKeys(JSON.stringify(value, null, 2))));
    expect(hasDuplicateKeys('{"a":["b","b"],"b":{"a":{"a":1}},"c":"\\"a\\":1,\\"a\\":2"}')).toBe(false);
  });

  test('are looked for in any text without fail', () => {
    fc.assert(fc.property(fc.string(), (text) => typeof hasDuplicateKeys(text) === 'boolean'));
    expect(hasDuplicateKeys(`{"${'\\"'.repeat(40_000)}`)).toBe(false);
    expect(hasDuplicateKeys('{"\\x":1,"\\x":2}')).toBe(true);
  });
});

test.each([
  [null, null, null],
  ['application/json', 'identity', null],
  ['application/json; charset=utf-8', null, null],
  ['application/json;charset="UTF-8"', null, null],
  ['application/json; profile=x', null, null],
  ['application/json; charset=utf-16', null, 'Send the body in UTF-8.'],
  ['application/json; charset=utf-8; charset=latin1', null, 'Send the body in UTF-8.'],
  ['application/json; CHARSET = utf-7', null, 'Send the body in UTF-8.'],
  ['application/json', 'gzip', 'Send the body without compression.'],
  ['application/json', 'identity, br', 'Send the body without compression.'],
])('a body of %s, encoded as %s: %s', (type, encoding, problem) => {
  expect(encodingProblem(type, encoding)).toBe(problem);
});

describe.each(['fetch', 'listener'] as const)('a request through %s', (front) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ front });
  });
  afterAll(() => latchkey.close());

  const post = async (path: string, body: string, headers = {}) => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body };
    const response = await latchkey.fetch(path, init);
    return [response.status, await response.text()] as const;
  };
  const PATHS = ['/graphql', '/api/auth/login/', '/auth/login', '/api/login'] as const;

  test.each(PATHS)('that names something twice is refused by %s', async (path) => {
    const body = '{"query":"{ me { id } }","email":"a@example.test","username":"a","password":"x","password":"y"}';
    const [status, text] = await post(path, body);
    expect(status).toBe(400);
    expect(text).toContain('The body names something twice.');
    expect(text).not.toContain('"data"');
  });

  test.each(PATHS)('in another charset or compressed is refused by %s', async (path) => {
    const body = '{"query":"{ me { id } }","email":"a@example.test","username":"a","password":"x"}';
    const status = path === '/graphql' ? 415 : 400;
    for (const type of ['application/json; charset=utf-16', 'application/json;charset=latin1']) {
      expect(await post(path, body, { 'content-type': type })).toEqual([status, expect.stringContaining('in UTF-8')]);
    }
    const compressed = await post(path, body, { 'content-encoding': 'gzip' });
    expect(compressed).toEqual([status, expect.stringContaining('without compression')]);
  });
});

import { buildSchema, parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { overLimits } from '#graphql/limits/limits.ts';
import { LoginDocument, SessionsDocument } from '../generated/graphql.ts';
import { type Latchkey, PASSWORD, type Person, startLatchkey } from '../support/latchkey.ts';

const cursorOf = (text: string) => Buffer.from(text).toString('base64');

describe('connections', () => {
  let latchkey: Latchkey;
  let person: Person;
  let ids: string[];
  beforeAll(async () => {
    latchkey = await startLatchkey();
    person = await latchkey.person();
    ids = [person.sessionId];
    for (let i = 0; i < 4; i++) {
      latchkey.advance({ seconds: 1 });
      const { login } = await latchkey.ask(LoginDocument, { input: { identifier: person.email, password: PASSWORD } });
      if (login.__typename === 'LoginSuccess') ids.unshift(login.session.id);
    }
  });
  afterAll(() => latchkey.close());

  const page = async (variables: { first?: number; after?: string | null; last?: number; before?: string | null }) => {
    const { me } = await latchkey.ask(SessionsDocument, variables, { bearer: person.accessToken });
    if (!me) throw new Error('nobody');
    return me.sessions;
  };
  const refusal = async (variables: { first?: number; after?: string; last?: number; before?: string }) => {
    const { errors } = await latchkey.send(SessionsDocument, variables, { bearer: person.accessToken });
    return { code: errors?.[0]?.extensions?.['code'], message: errors?.[0]?.message };
  };

  test('page forward and backward without gap or repetition', async () => {
    const first = await page({ first: 2 });
    expect(first.nodes.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    expect(first.edges.map(({ node }) => node.id)).toEqual(ids.slice(0, 2));
    expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    const second = await page({ first: 2, after: first.pageInfo.endCursor ?? null });
    expect(second.nodes.map(({ id }) => id)).toEqual(ids.slice(2, 4));
    const third = await page({ first: 2, after: second.pageInfo.endCursor ?? null });
    expect(third.nodes.map(({ id }) => id)).toEqual(ids.slice(4));
    expect(third.pageInfo.hasNextPage).toBe(false);
    const last = await page({ last: 2 });
    expect(last.nodes.map(({ id }) => id)).toEqual(ids.slice(3));
    const before = await page({ last: 2, before: last.pageInfo.startCursor ?? null });
    expect(before.nodes.map(({ id }) => id)).toEqual(ids.slice(1, 3));
    expect((await page({ first: 0 })).nodes).toEqual([]);
  });

  test('refuse arguments that make no sense, with words, never as a fault of ours', async () => {
    const cursor = (await page({ first: 1 })).pageInfo.endCursor ?? '';
    for (const variables of [
      { first: -1 },
      { last: -1 },
      { first: 101 },
      { last: 2_000_000_000 },
      { first: 1, last: 1 },
      { after: cursor, before: cursor },
      { first: 1, before: cursor },
      { last: 1, after: cursor },
      { after: '' },
      { after: 'nonsense' },
      { before: `${cursor}\u0000` },
      { after: cursorOf('GPC:S:nonsense') },
      { after: cursorOf('GPC:N:1') },
      { after: cursorOf('GPC:J:{"id":{"not":1}}') },
      { after: cursorOf('GPC:S:019302aa-0000-7000-8000-00000000000\u0000') },
    ]) {
      const { code, message } = await refusal(variables);
      expect(code, JSON.stringify(variables)).toBe('BAD_REQUEST');
      expect(message).toMatch(/^`(first|last|after|before)` /);
    }
    expect(latchkey.logged()).not.toContain('unexpected error');
  });

  test('a cursor of a row that is not one’s own shows nothing that is not one’s own', async () => {
    const foreign = await latchkey.person();
    for (const id of [foreign.sessionId, '019302aa-0000-7000-8000-000000000000']) {
      const { nodes } = await page({ first: 5, after: cursorOf(`GPC:S:${id}`) });
      expect(nodes.every(({ id: shown }) => ids.includes(shown))).toBe(true);
    }
  });

  test('a document that asks for too many rows is refused before it runs', () => {
    const schema = buildSchema('type Query { a(first: Int, last: Int): A } type A { nodes: [Query] edges: [Query] }');
    const codes = (query: string) => overLimits(schema, parse(query)).map(({ message }) => message);
    const tooMany = [expect.stringContaining('more than 12000 rows')];
    expect(codes('{ a(first: 100) { nodes { a(first: 100) { edges { __typename } } } } }')).toEqual([]);
    expect(
      codes('{ a(first: 100) { nodes { a(first: 100) { nodes { a(first: 1) { nodes { __typename } } } } } } }'),
    ).toEqual(tooMany);
    expect(codes('{ a { nodes { a { nodes { a { nodes { __typename } } } } } } }')).toEqual([]);
    expect(codes('{ a { nodes { a { nodes { a { nodes { a { edges { __typename } } } } } } } } }')).toEqual(tooMany);
    const fragments = 'fragment F on A { ...G } fragment G on A { nodes { a(last: $size) { edges { __typename } } } }';
    expect(codes(`query ($size: Int) { a(first: $size) { ...F } } ${fragments}`)).toEqual([]);
    expect(codes(`query ($size: Int) { a(first: $size) { ...F } b: a(first: 20) { ...F } } ${fragments}`)).toEqual(
      tooMany,
    );
  });
});

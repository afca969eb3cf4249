/** What can be asked for by its id alone: `node` for Relay, `_entities` for gateways. */
import { buildSchema, isInterfaceType, isObjectType, print } from 'graphql';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parseConfig } from '#config/config.ts';
import { FIND_AMONG } from '#core/organizations/acting-organization.ts';
import { schema } from '#graphql/schema.ts';
import { NodeDocument } from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, type Person, type Sending, startLatchkey } from '../support/latchkey.ts';
import { by, loner, type Tenant, tenant } from '../support/organizations.ts';

const UNKNOWN = '00000000-0000-4000-8000-000000000000';
const ENTITIES = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) { __typename ... on User { id email } ... on Organization { id slug } }
}`;
type Answer = { data?: Record<string, unknown> | null; errors?: { path?: unknown[]; extensions: { code: string } }[] };

describe.each(ENGINES)('by their ids, on %s', (engine) => {
  let latchkey: Latchkey;
  let [ada, bea, admin]: Person[] = [];
  let [ours, theirs, suspended, guarded]: Tenant[] = [];
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine, env: { FEDERATION: 'on' } });
    [ada, bea, admin] = await Promise.all([loner(latchkey), loner(latchkey), loner(latchkey)]);
    ours = await tenant(latchkey, [[given(ada), 'MEMBER']]);
    theirs = await tenant(latchkey, [[given(bea), 'OWNER']]);
    suspended = await tenant(latchkey, [[given(ada), 'OWNER']]);
    guarded = await tenant(latchkey, [[given(ada), 'OWNER']]);
    const { prisma } = latchkey.app.parts.database;
    await prisma.organization.update({ where: { id: guarded.id }, data: { requiresSecondFactor: true } });
    await prisma.user.update({ where: { id: given(admin).id }, data: { role: 'admin' } });
    await prisma.organization.update({ where: { id: given(suspended).id }, data: { suspendedAt: new Date() } });
  });
  afterAll(() => latchkey.close());

  function given<T>(value: T | undefined): T {
    return value ?? expect.fail('not made');
  }
  const post = async (query: string, variables: object, sending: Sending = {}): Promise<Answer> => {
    const headers = { ...(sending.bearer && { authorization: `Bearer ${sending.bearer}` }), ...sending.headers };
    const response = await latchkey.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, variables }),
    });
    return response.json();
  };
  const entities = (representations: unknown[], sending?: Sending) => post(ENTITIES, { representations }, sending);
  const user = ({ id }: { id: string }) => ({ __typename: 'User', id });
  const organization = ({ id }: { id: string }) => ({ __typename: 'Organization', id });
  /** Everything there is, and what there is not. */
  const everything = () => [
    user(given(ada)),
    user(given(bea)),
    user({ id: UNKNOWN }),
    user({ id: 'not a UUID' }),
    organization(given(ours)),
    organization(given(theirs)),
    organization(given(suspended)),
    // Nobody here has a second factor.
    organization(given(guarded)),
    organization({ id: UNKNOWN }),
  ];
  /** Which of everything someone sees. */
  const SEEN: [string, () => Sending | undefined, string][] = [
    ['a member', () => by(given(ada)), 'ada, ours'],
    ['a member who acts there', () => by(given(ada), given(ours).id), 'ada, ours'],
    ['someone else', () => by(given(bea)), 'bea, theirs'],
    ['an administrator', () => by(given(admin)), 'ada, bea, ours, theirs, suspended'],
    ['an administrator who acts in one', () => by(given(admin), given(theirs).id), 'ada, bea, theirs'],
    ['nobody', () => undefined, ''],
  ];
  const names = () => ['ada', 'bea', 'unknown', 'no id', 'ours', 'theirs', 'suspended', 'guarded', 'unknown'];

  test.each(SEEN)('%s sees through a gateway what they see otherwise', async (_, sending, seen) => {
    const { data, errors } = await entities(everything(), sending());
    expect(errors).toBeUndefined();
    const found = data?.['_entities'] as ({ __typename: string; id: string } | null)[];
    expect(
      names()
        .filter((__, at) => found[at] !== null)
        .join(', '),
    ).toBe(seen);
    for (const [at, entity] of found.entries())
      if (entity !== null) expect(everything()[at]).toEqual({ __typename: entity.__typename, id: entity.id });
  });

  test.each(SEEN)('%s sees the same as nodes', async (_, sending, seen) => {
    const found: unknown[] = [];
    for (const { id } of everything()) found.push((await latchkey.ask(NodeDocument, { id }, sending())).node);
    expect(
      names()
        .filter((__, at) => found[at] !== null)
        .join(', '),
    ).toBe(seen);
  });

  test('any number of organizations is found by one query', async () => {
    const query = vi.spyOn(latchkey.app.parts.database, 'query');
    const twice = [...everything(), ...everything()];
    const found = (await entities(twice, by(given(ada)))).data?.['_entities'] ?? [];
    expect((found as unknown[]).filter((entity) => entity !== null)).toHaveLength(4);
    expect(query.mock.calls.filter(([{ name }]) => name === FIND_AMONG.name)).toHaveLength(1);
    query.mockRestore();
  });

  test('a bad token is an error for each entity; a reference that is malformed is one for itself only', async () => {
    const bad = await entities([user(given(ada)), organization(given(ours))], { bearer: 'x' });
    expect(bad.data).toEqual({ _entities: [null, null] });
    expect(bad.errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([
      [['_entities', 0], 'UNAUTHENTICATED'],
      [['_entities', 1], 'UNAUTHENTICATED'],
    ]);
    const odd = [
      null,
      'User',
      {},
      { __typename: 'Session', id: UNKNOWN },
      { __typename: '__proto__' },
      { __typename: 'User', id: 1 },
    ];
    const mixed = await entities([...odd, user(given(ada))], by(given(ada)));
    // `null` is not an `_Any!`, so the whole request is refused.
    expect([mixed.data ?? null, mixed.errors?.[0]?.extensions.code]).toEqual([null, 'BAD_USER_INPUT']);
    const rest = await entities([...odd.slice(1), user(given(ada))], by(given(ada)));
    expect(rest.data?.['_entities']).toEqual([
      null,
      null,
      null,
      null,
      null,
      expect.objectContaining({ id: given(ada).id }),
    ]);
    expect(rest.errors?.map(({ extensions }) => extensions.code)).toEqual(Array(5).fill('BAD_USER_INPUT'));
    const header = await entities([organization(given(ours))], by(given(ada), 'not a UUID'));
    expect(header.errors?.[0]?.extensions.code).toBe('BAD_REQUEST');
  });

  test('entities have limits: 100 at a time, and the rows of a document for all of them', async () => {
    const many = (count: number) => Array.from({ length: count }, () => user(given(ada)));
    expect((await entities(many(100), by(given(ada)))).errors).toBeUndefined();
    const code = async (answer: Promise<Answer>) => (await answer).errors?.[0]?.extensions.code;
    expect(await code(entities(many(101), by(given(ada))))).toBe('QUERY_TOO_COMPLEX');
    const sessions = '... on User { sessions(first: 100) { nodes { id } } }';
    const query = (times: number) =>
      `query ($r: [_Any!]!) { ${Array.from({ length: times }, (_, at) => `e${at}: _entities(representations: $r) { ...F }`).join(' ')} } fragment F on _Entity { ${sessions} }`;
    expect((await post(query(1), { r: many(100) }, by(given(ada)))).errors).toBeUndefined();
    expect(await code(post(query(2), { r: many(100) }, by(given(ada))))).toBe('QUERY_TOO_COMPLEX');
    expect((await post(query(2), { r: many(50) }, by(given(ada)))).errors).toBeUndefined();
    const deep = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on User ${'{ memberships { nodes { organization { members { nodes { user '.repeat(1)}{ id }${' }'.repeat(6)} } }`;
    expect(await code(post(deep, { r: many(100) }, by(given(ada))))).toBe('QUERY_TOO_COMPLEX');
  });
});

describe('the schema of the subgraph', () => {
  const KEYED = /^type (User|Organization) implements Node @key\(fields: "id"\) \{$/gm;

  test('is served where it is on, also without introspection, and is unknown where it is not', async () => {
    const latchkey = await startLatchkey({ env: { FEDERATION: 'on', GRAPHQL_INTROSPECTION: 'off' } });
    const response = await latchkey.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ _service { sdl } }' }),
    });
    await latchkey.close();
    const { sdl } = (await response.json()).data._service;
    expect([...sdl.matchAll(KEYED)].map(([, name]) => name).sort()).toEqual(['Organization', 'User']);
    expect(sdl).toMatch(/^type PageInfo @shareable \{$/m);
    expect(sdl).not.toMatch(/_entities|_service|^ {2}node\(/m);
    const plain = sdl.replace(/^extend schema .*$/m, '').replaceAll(/ @(?:key\(fields: "id"\)|shareable)/g, '');
    // Built from text, a schema has only the scalars that it uses.
    const names = (of: typeof schema) => Object.keys(of.getTypeMap()).filter((name) => name !== 'Float');
    expect(names(buildSchema(plain)).sort()).toEqual(names(schema).sort());
    expect(parseConfig({}).federation).toBe(false);
    expect(Object.keys(schema.getTypeMap()).filter((name) => /^_[^_]/.test(name))).toEqual([]);
  });

  test('has what Relay asks for: an interface, a field that finds it, and an id', () => {
    const node = schema.getType('Node');
    if (!isInterfaceType(node)) throw new Error('Node is not an interface');
    expect(Object.values(node.getFields()).map(({ name, type }) => `${name}: ${type}`)).toEqual(['id: ID!']);
    const field = schema.getQueryType()?.getFields()['node'];
    expect([String(field?.type), field?.args.map(({ name, type }) => `${name}: ${type}`)]).toEqual([
      'Node',
      ['id: ID!'],
    ]);
    const found = schema.getPossibleTypes(node).map(({ name }) => name);
    expect(found.sort()).toEqual(['Organization', 'User']);
    for (const name of found) {
      const type = schema.getType(name);
      expect(isObjectType(type) && String(type.getFields()['id']?.type)).toBe('ID!');
    }
    expect(print(NodeDocument)).toContain('node(id: $id)');
  });
});

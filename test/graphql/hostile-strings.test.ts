/**
 * Every place of the schema that takes a text, with every text that something cannot cope with: never a fault of ours.
 */
import {
  type GraphQLArgument,
  type GraphQLField,
  getNamedType,
  isInputObjectType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { schema } from '#graphql/schema.ts';
import { ENGINES } from '../support/database.ts';
import { HOSTILE_STRINGS, MEGABYTE } from '../support/hostile-strings.ts';
import { type Latchkey, type Person, startLatchkey } from '../support/latchkey.ts';
import { operationOf, textPathsOf, variablesIn, variablesOf } from '../support/operation-of.ts';
import { type Tenant, tenant } from '../support/organizations.ts';

type Field = GraphQLField<unknown, unknown>;
type Answer = { status: number; code: unknown };

const QUERIES = Object.values(schema.getQueryType()?.getFields() ?? {});
const MUTATIONS = Object.values(schema.getMutationType()?.getFields() ?? {});
/** What takes no text needs no test; but a field nobody gets to would be missing without a word. */
const fieldsWithText = (fields: readonly Field[]) => fields.filter((field) => textPathsOf(field).length > 0);

/** How to get from the root to an object of each type: what comes before and after its selection. */
function waysTo(known: Record<string, string>): Map<string, { open: string; close: string }> {
  const ways = new Map<string, { open: string; close: string }>();
  const queue: { type: string; open: string; close: string; fields: readonly Field[] }[] = [
    { type: 'Query', open: '', close: '', fields: QUERIES },
  ];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { type, open, close, fields } = next;
    ways.set(type, { open, close });
    for (const field of fields) {
      const required = field.args.filter((arg: GraphQLArgument) => isRequiredArgument(arg));
      if (required.some(({ name }) => known[name] === undefined)) continue;
      const named = getNamedType(field.type);
      if (!isObjectType(named) || ways.has(named.name) || queue.some((each) => each.type === named.name)) continue;
      const given = required.map(({ name }) => `${name}: ${JSON.stringify(known[name])}`).join(', ');
      queue.push({
        type: named.name,
        open: `${open}${field.name}${given === '' ? '' : `(${given})`} { `,
        close: ` }${close}`,
        fields: Object.values(named.getFields()),
      });
    }
  }
  return ways;
}

describe.each(ENGINES)('hostile texts on %s', (engine) => {
  let latchkey: Latchkey;
  let ada: Person;
  let bob: Person;
  let own: Tenant;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
    [ada, bob] = [await latchkey.person(), await latchkey.person()];
    await latchkey.app.parts.database.prisma.user.update({ where: { id: ada.id }, data: { role: 'admin' } });
    own = await tenant(latchkey, [
      [ada, 'OWNER'],
      [bob, 'MEMBER'],
    ]);
  });
  afterAll(() => latchkey.close());

  let networks = 0;
  const send = async (query: string, variables: object): Promise<Answer> => {
    // Each from another network, so that no budget ends the sweep early.
    const ip = `10.${(++networks >> 16) & 255}.${(networks >> 8) & 255}.${networks & 255}`;
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${ada.accessToken}` };
    const init = { method: 'POST', headers, body: JSON.stringify({ query, variables }) };
    const response = await latchkey.fetch('/graphql', init, ip);
    const { errors } = await response.json();
    return { status: response.status, code: errors?.[0]?.extensions?.code ?? null };
  };
  /** What exists, where a place asks for it, so that the request gets as far as it can. */
  const real = (name: string | undefined) =>
    ({
      id: own.id,
      organizationId: own.id,
      parentId: own.id,
      membershipId: own.memberships.get(bob.id),
      projectId: own.projectId,
      userId: bob.id,
      sessionId: bob.sessionId,
      email: latchkey.address(),
      identifier: bob.email,
      slug: own.slug,
      // Without one, signing out ends the session of the sweep.
      refreshToken: 'of nobody',
      locale: 'en',
    })[name ?? ''];
  /** Every text in every place of a field; returns what was answered as a fault. */
  const sweep = async (field: Field, operation: string) => {
    const faults: string[] = [];
    // Without a hostile text it is executed: what follows gets further than the variables.
    const harmless = await send(
      operation,
      variablesOf(field, (path) => real(path.at(-1))),
    );
    expect(String(harmless.code)).not.toMatch(/^(BAD_USER_INPUT|GRAPHQL_\w+)$/);
    for (const place of textPathsOf(field)) {
      const at = (path: readonly string[]) => path.join() === place.join();
      const ask = async ([name, text]: [string, string]) => {
        const variables = variablesOf(field, (path) => (at(path) ? text : real(path.at(-1))));
        const { status, code } = await send(operation, variables);
        return status >= 500 || code === 'INTERNAL_SERVER_ERROR' ? [`${place.join('.')}: ${name}`] : [];
      };
      faults.push(...(await Promise.all(Object.entries(HOSTILE_STRINGS).map(ask))).flat());
    }
    return faults;
  };

  test.each(fieldsWithText(QUERIES).map((field) => [field.name, field] as const))('query %s', async (_, field) => {
    expect(await sweep(field, operationOf({ kind: 'query', field }, 1))).toEqual([]);
  });

  test.each(fieldsWithText(MUTATIONS).map((field) => [field.name, field] as const))('mutation %s', async (_, field) => {
    expect(await sweep(field, operationOf({ kind: 'mutation', field }, 1))).toEqual([]);
  });

  test('the fields of objects', async () => {
    const ways = waysTo({ id: own.id, slug: own.slug });
    const swept: string[] = [];
    const faults: string[] = [];
    for (const [type, { open, close }] of ways) {
      const object = schema.getType(type);
      if (type === 'Query' || !isObjectType(object)) continue;
      for (const field of fieldsWithText(Object.values(object.getFields()))) {
        const { variables, given } = variablesIn(field);
        const selection = isLeafType(getNamedType(field.type)) ? '' : '{ __typename }';
        const operation = `query (${variables}) { ${open}${field.name}(${given}) ${selection}${close} }`;
        for (const fault of await sweep(field, operation)) faults.push(`${type}.${field.name} ${fault}`);
        swept.push(`${type}.${field.name}`);
      }
    }
    expect(faults).toEqual([]);
    const all = Object.values(schema.getTypeMap()).flatMap((type) =>
      isObjectType(type) && !['Query', 'Mutation'].includes(type.name) && !type.name.startsWith('__')
        ? fieldsWithText(Object.values(type.getFields())).map((field) => `${type.name}.${field.name}`)
        : [],
    );
    expect(swept.toSorted()).toEqual(all.toSorted());
  });

  test('every input object with a text is part of a mutation or query that was swept', () => {
    const inputs = Object.values(schema.getTypeMap()).filter((type) => isInputObjectType(type));
    const used = new Set([...QUERIES, ...MUTATIONS].flatMap(({ args }) => args.map(({ type }) => getNamedType(type))));
    expect(inputs.filter((type) => !used.has(type)).map(({ name }) => name)).toEqual([]);
  });

  test('a megabyte is refused before it is read, in every operation', async () => {
    for (const [kind, field] of [
      ...fieldsWithText(QUERIES).map((each) => ['query', each] as const),
      ...fieldsWithText(MUTATIONS).map((each) => ['mutation', each] as const),
    ]) {
      const [place = []] = textPathsOf(field);
      const variables = variablesOf(field, (path) => (path.join() === place.join() ? MEGABYTE : undefined));
      const { status, code } = await send(operationOf({ kind, field }, 0), variables);
      expect([field.name, status, code]).toEqual([field.name, 413, 'REQUEST_ENTITY_TOO_LARGE']);
    }
  });

  test('nothing of it was an unexpected error, and the session outlived it', async () => {
    const unexpected = latchkey
      .logged()
      .split('\n')
      .filter((line) => line.includes('"level":"error"'));
    expect(unexpected).toEqual([]);
    expect(await send('{ me { id email } }', {})).toEqual({ status: 200, code: null });
  });
});

/** What keeps tenants apart, for every field of the schema: those that exist, and those that someone adds. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { type GraphQLField, getNamedType, isLeafType, isObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FIND, FIND_ONLY } from '#core/organizations/acting-organization.ts';
import { ALL_PERMISSIONS, type Permission, ROLE_PERMISSIONS } from '#core/organizations/permissions.ts';
import { schema } from '#graphql/schema.ts';
import { type Latchkey, type Person, type Sending, startLatchkey } from '../support/latchkey.ts';
import { idPathsOf, operationOf, type RootField, variablesOf } from '../support/operation-of.ts';
import { by, loner, refusalOf, type Tenant, tenant } from '../support/organizations.ts';
import { planOf, watched } from '../support/prisma-statements.ts';

type Role = 'OWNER' | 'ADMIN' | 'MEMBER';
type Answer = { data?: Record<string, unknown> | null; errors?: { extensions?: Record<string, unknown> }[] };

const fieldsOf = (kind: RootField['kind'], fields: Record<string, GraphQLField<unknown, unknown>> = {}): RootField[] =>
  Object.values(fields).map((field) => ({ kind, field }));
const REFUSALS = ['FORBIDDEN', 'UNAUTHENTICATED'];
const ROOT_FIELDS = [
  ...fieldsOf('query', schema.getQueryType()?.getFields()),
  ...fieldsOf('mutation', schema.getMutationType()?.getFields()),
];

describe('tenants', () => {
  let latchkey: Latchkey;
  let people: Person[];
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine: 'postgresql' });
    people = await Promise.all(Array.from({ length: 8 }, () => loner(latchkey)));
  });
  afterAll(() => latchkey.close());

  const prisma = () => latchkey.app.parts.database.prisma;
  const person = (index: number): Person => {
    const found = people[index];
    if (found === undefined) throw new Error(`there is no person ${index}`);
    return found;
  };
  async function post(query: string, variables: object, sending: Sending): Promise<Answer> {
    const response = await latchkey.fetch('/graphql', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(sending.bearer === undefined ? {} : { authorization: `Bearer ${sending.bearer}` }),
        ...sending.headers,
      },
      body: JSON.stringify({ query, variables }),
    });
    return response.json();
  }

  test('a sweep over every field that takes an id, with ids of another tenant, finds no answer and no side effect', async () => {
    const [attacker, victim, colleague] = [person(0), person(1), person(2)];
    const own = await things(
      await tenant(latchkey, [
        [attacker, 'OWNER'],
        [colleague, 'MEMBER'],
      ]),
      attacker,
      colleague,
    );
    const foreign = await things(
      await tenant(latchkey, [
        [victim, 'OWNER'],
        [colleague, 'MEMBER'],
      ]),
      victim,
      colleague,
    );
    const before = await rowsOf(foreign);
    let asked = 0;
    const leaks: string[] = [];
    for (const root of ROOT_FIELDS) {
      for (const place of idPathsOf(root.field)) {
        const query = operationOf(root, 3);
        for (const [kind, id] of Object.entries(foreign.ids)) {
          // All other ids are the attacker's own, so that this one alone decides.
          const variables = variablesOf(root.field, (path) => {
            if (String(path) === String(place)) return id;
            const isId = idPathsOf(root.field).some((each) => String(each) === String(path));
            return isId ? own.ids[kindOf(path.at(-1) ?? '')] : undefined;
          });
          for (const sending of [by(attacker), by(attacker, own.tenant.id), by(attacker, foreign.tenant.id)]) {
            const answer = await post(query, variables, sending);
            asked++;
            const name = `${root.field.name}(${place.join('.')}: ${kind})`;
            // Refused because of the id, and not because the operation is none or something broke.
            const odd = answer.errors?.find(({ extensions }) => !REFUSALS.includes(String(extensions?.['code'])));
            if (odd !== undefined) leaks.push(`${name}: ${JSON.stringify(odd)}`);
            const text = JSON.stringify(answer.data ?? null);
            const told = foreign.marks.filter((mark) => text.includes(mark) && mark !== id);
            if (told.length > 0) leaks.push(`${name} tells ${told.join(', ')}: ${text}`);
            const result = answer.data?.[root.field.name] as { __typename?: string } | null | undefined;
            const isDone = root.kind === 'mutation' ? result?.__typename?.endsWith('Success') : result != null;
            if (isDone) leaks.push(`${name} answers ${text}`);
          }
        }
      }
    }
    expect(leaks).toEqual([]);
    // The same queries do have answers for someone who may ask.
    const organization = ROOT_FIELDS.find(({ field }) => field.name === 'organization');
    const shown = organization && (await post(operationOf(organization, 3), { id: foreign.tenant.id }, by(victim)));
    for (const mark of [
      foreign.tenant.slug,
      foreign.ids['membershipId'],
      foreign.ids['roleId'],
      foreign.ids['projectId'],
    ]) {
      expect(JSON.stringify(shown)).toContain(mark);
    }
    expect(await rowsOf(foreign)).toEqual(before);
    expect(asked).toBeGreaterThan(200);
  });

  test('a cursor of another tenant shows nothing of it', async () => {
    const [attacker, victim] = [person(0), person(1)];
    const [own, foreign] = [await tenant(latchkey, [[attacker, 'OWNER']]), await tenant(latchkey, [[victim, 'OWNER']])];
    const query = `query($id: ID!, $after: String) { organization(id: $id) {
      members(first: 5, after: $after) { nodes { id } } projects(first: 5, after: $after) { nodes { id } } } }`;
    const asked = async (id: string) => {
      const answer = await post(query, { id: own.id, after: cursorOf(id) }, by(attacker));
      expect(answer.errors).toBeUndefined();
      return answer.data;
    };
    // Rows of the own lists that are younger: they would be shown behind a cursor that means something.
    const later = { createdAt: new Date(Date.now() + 60_000), updatedAt: new Date() };
    await prisma().membership.create({
      data: { userId: person(2).id, organizationId: own.id, role: 'MEMBER', ...later },
    });
    await prisma().project.create({ data: { organizationId: own.id, name: 'Later', ...later } });
    // No answer: neither that there is such a row nor when it was made.
    const nothing = { organization: { members: { nodes: [] }, projects: { nodes: [] } } };
    expect(await asked('019302aa-0000-7000-8000-000000000000')).toEqual(nothing);
    for (const id of [...foreign.memberships.values(), foreign.projectId]) expect(await asked(id)).toEqual(nothing);
    expect(await asked([...own.memberships.values()][0] ?? '')).toMatchObject({
      organization: { members: { nodes: [{}] } },
    });
  });

  describe('permissions', () => {
    /** Who asks, and as what they act in the organization; null: not at all. */
    const ACTORS = {
      nobody: null,
      stranger: null,
      'member of the group': null,
      member: 'MEMBER',
      admin: 'ADMIN',
      owner: 'OWNER',
      'admin of the group': 'ADMIN',
      'owner of the group': 'OWNER',
      'platform admin': 'OWNER',
    } as const satisfies Record<string, Role | null>;
    type Actor = keyof typeof ACTORS;
    /** Only who belongs to an organization can leave it or hand it over. */
    const FOR_MEMBERS = new Set(['leaveOrganization', 'transferOwnership']);
    const isPermission = (access: unknown): access is Permission => ALL_PERMISSIONS.includes(access as Permission);
    const guarded = ROOT_FIELDS.filter(({ field }) => isPermission(field.extensions['access']));
    /** How the rows of an organization are come by, for the rules of their own fields. */
    const WITHIN: Record<string, string> = {
      Organization: '#',
      Membership: 'members { nodes { # } }',
      Project: 'projects { nodes { # } }',
    };
    const guardedWithin = Object.values(schema.getTypeMap())
      .filter((type) => isObjectType(type))
      .filter((type) => type !== schema.getQueryType() && type !== schema.getMutationType())
      .flatMap((type) => Object.values(type.getFields()).map((field) => ({ type, field })))
      .filter(({ field }) => isPermission(field.extensions['access']));

    test.each(Object.keys(ACTORS) as Actor[])(
      '%s: every operation, as its rule and the catalogue say',
      async (actor) => {
        const [owner, admin, member, target, boss, deputy, clerk, platform] = [0, 1, 2, 3, 4, 5, 6, 7].map(person);
        if (!owner || !admin || !member || !target || !boss || !deputy || !clerk || !platform)
          throw new Error('people');
        await prisma().user.update({ where: { id: platform.id }, data: { role: 'admin' } });
        const group = await tenant(latchkey, [
          [boss, 'OWNER'],
          [deputy, 'ADMIN'],
          [clerk, 'MEMBER'],
        ]);
        const askers: Record<Actor, Person | null> = {
          nobody: null,
          stranger: target,
          'member of the group': clerk,
          member,
          admin,
          owner,
          'admin of the group': deputy,
          'owner of the group': boss,
          'platform admin': platform,
        };
        const asker = askers[actor];
        const wrong: string[] = [];
        for (const root of guarded) {
          const team = await tenant(
            latchkey,
            [
              [owner, 'OWNER'],
              [admin, 'ADMIN'],
              [member, 'MEMBER'],
            ],
            group.id,
          );
          const { ids } = await things(team, owner, member, []);
          const given: Record<string, unknown> = { ...ids, slug: team.slug, role: 'MEMBER' };
          const variables = variablesOf(root.field, (path) => given[kindOf(path.at(-1) ?? '')]);
          const headers = { 'x-organization-id': team.id };
          const sending = asker === null ? { headers } : by(asker, team.id);
          const answer = await post(operationOf(root, 1), variables, sending);
          const role = ACTORS[actor];
          const rule = root.field.extensions['access'] as Permission;
          const belongs = actor === 'owner' || actor === 'admin' || actor === 'member';
          const expected =
            role !== null && ROLE_PERMISSIONS[role].includes(rule) && (belongs || !FOR_MEMBERS.has(root.field.name));
          const refusal = refusalOf(answer);
          if ((refusal === undefined) !== expected)
            wrong.push(`${root.field.name}: ${refusal ?? JSON.stringify(answer)}`);
          if (refusal !== undefined && refusal !== (asker === null ? 'UNAUTHENTICATED' : 'FORBIDDEN')) {
            wrong.push(`${root.field.name}: ${refusal}`);
          }
        }
        const role = ACTORS[actor];
        const team = await tenant(
          latchkey,
          [
            [owner, 'OWNER'],
            [admin, 'ADMIN'],
            [member, 'MEMBER'],
          ],
          group.id,
        );
        for (const { type, field } of guardedWithin) {
          const path = WITHIN[type.name];
          if (path === undefined) throw new Error(`how is ${type.name} come by?`);
          const asked = isLeafType(getNamedType(field.type)) ? field.name : `${field.name} { pageInfo { endCursor } }`;
          const query = `query($id: ID!) { organization(id: $id) { ${path.replace('#', asked)} } }`;
          const answer = await post(query, { id: team.id }, asker === null ? {} : by(asker));
          const rule = field.extensions['access'] as Permission;
          const expected = role !== null && ROLE_PERMISSIONS[role].includes(rule);
          if ((refusalOf(answer) === undefined) !== expected) {
            wrong.push(`${type.name}.${field.name}: ${JSON.stringify(answer)}`);
          }
        }
        expect(guardedWithin.length).toBeGreaterThan(5);
        await prisma().user.update({ where: { id: platform.id }, data: { role: 'customer' } });
        expect(wrong).toEqual([]);
        expect(guarded.length).toBeGreaterThan(15);
      },
    );
  });

  test('64 parallel requests of two users over one connection never mix their organizations', async () => {
    const server = createServer((request, response) => latchkey.app.listener(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    try {
      const pairs = [];
      for (const who of [person(0), person(1)]) pairs.push({ who, team: await tenant(latchkey, [[who, 'OWNER']]) });
      const expected: unknown[] = [];
      let sent = '';
      const query = '{ me { id } currentOrganization { organization { id } } }';
      for (let i = 0; i < 64; i++) {
        const { who, team } = pairs[i % 2] ?? {};
        if (who === undefined || team === undefined) throw new Error('no pair');
        // Every eighth asks for the other's.
        const isForeign = i % 8 === 7;
        const header = isForeign ? (pairs[(i + 1) % 2]?.team.id ?? '') : team.id;
        expected.push([who.id, isForeign ? null : team.id]);
        const body = JSON.stringify({ query });
        sent += `POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nauthorization: Bearer ${who.accessToken}\r\nx-organization-id: ${header}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
      }
      let received = '';
      socket.setEncoding('utf8').on('data', (chunk) => {
        received += chunk;
      });
      // Pipelined: the server works on all of them at once and answers in order.
      socket.write(sent);
      const bodies = () =>
        received
          .split('HTTP/1.1 ')
          .map((answer) => /\{.*\}/s.exec(answer)?.[0])
          .filter((body) => body !== undefined);
      await expect.poll(() => bodies().length, { timeout: 10_000 }).toBe(64);
      const got = bodies().map((body) => {
        const { data } = JSON.parse(body);
        return [data.me.id, data.currentOrganization?.organization.id ?? null];
      });
      expect(got).toEqual(expected);
    } finally {
      socket.destroy();
      server.close();
    }
  });

  describe('with 10 000 members in one organization and a person in 200', () => {
    let big: Tenant;
    let joiner: Person;
    beforeAll(async () => {
      joiner = person(3);
      big = await tenant(latchkey, [[person(0), 'OWNER']]);
      const seed = [
        `INSERT INTO users (id, name, email, role, locale, created_at, updated_at)
         SELECT gen_random_uuid(), 'N', 'n' || i || '@big.example', 'customer', 'en', now(), now() FROM generate_series(1, 10000) i`,
        `INSERT INTO memberships (id, user_id, organization_id, role, created_at, updated_at)
         SELECT gen_random_uuid(), id, '${big.id}', 'MEMBER', now() + random() * interval '1 day', now()
           FROM users WHERE email LIKE 'n%@big.example'`,
        `INSERT INTO organizations (id, name, slug, created_at, updated_at)
         SELECT gen_random_uuid(), 'O', 'o-' || i, now(), now() FROM generate_series(1, 2000) i`,
        `INSERT INTO memberships (id, user_id, organization_id, role, created_at, updated_at)
         SELECT gen_random_uuid(), '${joiner.id}', id, 'MEMBER', now(), now() FROM organizations WHERE slug LIKE 'o-%' LIMIT 200`,
      ];
      for (const statement of seed) await prisma().$executeRawUnsafe(statement);
      await prisma().$executeRawUnsafe('ANALYZE users, memberships, organizations, role_bindings, organization_roles');
    });

    /** Rows and blocks that a plan touched, and the tables it read from one end to the other. */
    async function explained(text: string, values: readonly unknown[]) {
      const { plan, blocks } = await planOf(latchkey, text, values);
      const touched = [...plan.matchAll(/actual time=\S+ rows=([\d.]+) loops=(\d+)/g)].map(
        ([, count, loops]) => Number(count) * Number(loops),
      );
      const scans = [...plan.matchAll(/Seq Scan on (users|memberships|organizations)/g)].map(([, table]) => table);
      return { plan, scans, most: Math.max(...touched), blocks };
    }

    test('who acts where is found by indexes alone', async () => {
      const { id: member } = await prisma().user.findUniqueOrThrow({ where: { email: 'n77@big.example' } });
      const found = await explained(FIND.text, [member, big.id]);
      expect(found.scans, found.plan).toEqual([]);
      expect(found.most, found.plan).toBeLessThanOrEqual(2);
      const only = await explained(FIND_ONLY.text, [joiner.id]);
      expect(only.scans, only.plan).toEqual([]);
      expect(only.most, only.plan).toBeLessThanOrEqual(4);
    });

    test('a page of members and one of memberships read a few dozen blocks, wherever they begin', async () => {
      const members = (paging: string) =>
        `{ organization(id: "${big.id}") { members(${paging}) { nodes { role user { email } } } } }`;
      const memberships = (paging: string) => `{ me { memberships(${paging}) { nodes { organization { id } } } } }`;
      const inOrder = [{ createdAt: 'asc' }, { id: 'asc' }] as const;
      const middle = await prisma().membership.findFirst({
        where: { organizationId: big.id },
        orderBy: [...inOrder],
        skip: 5000,
      });
      const joined = await prisma().membership.findFirst({
        where: { userId: joiner.id },
        orderBy: { organizationId: 'asc' },
        skip: 100,
      });
      const pages: [Person, string][] = [
        [person(0), members('first: 20')],
        [person(0), members('last: 20')],
        [person(0), members(`first: 20, after: "${cursorOf(middle?.id ?? '')}"`)],
        [person(0), members(`last: 20, before: "${cursorOf(middle?.id ?? '')}"`)],
        [joiner, memberships('first: 20')],
        [joiner, memberships(`first: 20, after: "${cursorOf(joined?.id ?? '')}"`)],
      ];
      for (const [who, query] of pages) {
        const { answer, statements } = await watched(latchkey, () => post(query, {}, by(who)));
        expect(JSON.stringify(answer).match(/"(role|organization)":/g)?.length, query).toBeGreaterThanOrEqual(20);
        const lists = statements.filter(({ text }) => text.includes('FROM "public"."memberships"'));
        expect(lists.length, query).toBeGreaterThan(0);
        for (const { text, values } of lists) {
          const { plan, scans, blocks } = await explained(text, values);
          expect(scans, plan).toEqual([]);
          expect(blocks, plan).toBeLessThanOrEqual(60);
        }
      }
    });
  });

  const cursorOf = (id: string) => Buffer.from(`GPC:S:${id}`).toString('base64');

  /** One of everything that has an id, in a tenant. */
  async function things(team: Tenant, owner: Person, member: Person, permissions = ['projects:update']) {
    const times = { createdAt: new Date(), updatedAt: new Date() };
    const name = `Secret ${team.slug}`;
    const membershipId = team.memberships.get(member.id) ?? '';
    await prisma().organization.update({ where: { id: team.id }, data: { name } });
    await prisma().project.update({ where: { id: team.projectId }, data: { name } });
    const role = await prisma().organizationRole.create({
      data: { organizationId: team.id, name, permissions, ...times },
    });
    const binding = await prisma().roleBinding.create({
      data: { membershipId, roleId: role.id, createdAt: times.createdAt },
    });
    const invitation = await prisma().invitation.create({
      data: {
        organizationId: team.id,
        email: `guest@${team.slug}.example`,
        role: 'MEMBER',
        invitedById: owner.id,
        locale: 'en',
        createdAt: times.createdAt,
        expiresAt: new Date(Date.now() + 86_400_000),
      },
    });
    const ids: Record<string, string> = {
      organizationId: team.id,
      membershipId,
      projectId: team.projectId,
      roleId: role.id,
      bindingId: binding.id,
      invitationId: invitation.id,
      userId: owner.id,
      sessionId: owner.sessionId,
    };
    const marks = [name, team.slug, invitation.email, owner.email, ...Object.values(ids)];
    return { tenant: team, ids, marks };
  }

  /** Which of `things` an argument of this name means. */
  function kindOf(name: string): string {
    if (name === 'id' || name === 'groupId') return 'organizationId';
    return name;
  }

  async function rowsOf({ tenant: { id }, ids }: Awaited<ReturnType<typeof things>>) {
    const inIt = { where: { organizationId: id }, orderBy: { id: 'asc' } } as const;
    return [
      await prisma().organization.findMany({ where: { OR: [{ id }, { parentId: id }] } }),
      await prisma().membership.findMany({ ...inIt, include: { bindings: true } }),
      await prisma().project.findMany(inIt),
      await prisma().organizationRole.findMany(inIt),
      await prisma().invitation.findMany(inIt),
      // That someone was denied is recorded for the organization that the header named.
      await prisma().auditEvent.findMany({
        ...inIt,
        where: { ...inIt.where, NOT: { name: { startsWith: 'access.' } } },
      }),
      await prisma().user.findUnique({ where: { id: ids['userId'] ?? '' } }),
      await prisma().session.findMany({ where: { userId: ids['userId'] ?? '' } }),
    ];
  }
});

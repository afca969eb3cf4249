/** A request that does not say which organization it means: what every mutation answers, also those added later. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ALL_PERMISSIONS } from '#core/organizations/permissions.ts';
import { schema } from '#graphql/schema.ts';
import {
  CreateProjectDocument,
  CreateRoleDocument,
  CurrentOrganizationDocument,
  InviteMemberDocument,
  LoginDocument,
} from '../generated/graphql.ts';
import { type Latchkey, PASSWORD, type Person, startLatchkey } from '../support/latchkey.ts';
import { operationOf, variablesOf } from '../support/operation-of.ts';
import { by, loner, refusalOf, tenant } from '../support/organizations.ts';

const MUTATIONS = Object.values(schema.getMutationType()?.getFields() ?? {});
/** Everything that is guarded by a permission in an organization asks for one, and these two may. */
const ASK_FOR_ONE = MUTATIONS.filter(({ extensions }) =>
  ALL_PERMISSIONS.some((permission) => permission === extensions['access']),
)
  .map(({ name }) => name)
  .concat('createOrganization', 'refresh');
const TAKE_THE_EFFECTIVE_ONE = ['updateOrganization', 'inviteMember', 'createProject', 'createRole'];

let latchkey: Latchkey;
beforeAll(async () => {
  latchkey = await startLatchkey();
});
afterAll(() => latchkey.close());

/** Someone of whom it cannot be guessed where they mean to act. */
async function inTwoTeams(): Promise<Person & { one: string; two: string }> {
  const person = await loner(latchkey);
  const { id: one } = await tenant(latchkey, [[person, 'OWNER']]);
  const { id: two } = await tenant(latchkey, [[person, 'OWNER']]);
  return { ...person, one, two };
}

/** What every mutation answers, by its name: the type of its result, or the code of a top-level error. */
async function answers(header: string | null): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const { email } = await inTwoTeams();
  for (const field of MUTATIONS) {
    // Each in a session of its own: some end it.
    const { login } = await latchkey.ask(LoginDocument, { input: { identifier: email, password: PASSWORD } });
    if (login.__typename !== 'LoginSuccess') throw new Error(login.__typename);
    const given: Record<string, unknown> = {
      refreshToken: login.tokens.refreshToken,
      groupId: '019302aa-0000-7000-8000-000000000000',
      email: 'bob@example.com',
      identifier: email,
      password: 'not her password',
    };
    const response = await latchkey.fetch('/graphql', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${login.tokens.accessToken}`,
        ...(header === null ? {} : { 'x-organization-id': header }),
      },
      body: JSON.stringify({
        query: operationOf({ kind: 'mutation', field }, 1),
        variables: variablesOf(field, (path) => given[path.at(-1) ?? '']),
      }),
    });
    const answer = await response.json();
    found.set(field.name, answer.data?.[field.name]?.__typename ?? String(refusalOf(answer)));
  }
  return found;
}

const named = (found: ReadonlyMap<string, string>, what: string) =>
  [...found].flatMap(([name, answer]) => (answer === what ? [name] : [])).sort();

test('without an organization, those that take the effective one answer with a member of their union', async () => {
  const found = await answers(null);
  expect(named(found, 'OrganizationRequiredError')).toEqual(TAKE_THE_EFFECTIVE_ONE.toSorted());
  for (const [name, answer] of found) expect(answer, name).toMatch(/^FORBIDDEN$|(?:Error|Success)$/);
  expect(named(found, 'OtherError')).toEqual([]);
});

test('with a header that is not a UUID, every mutation that asks for an organization does so, too', async () => {
  const found = await answers('nonsense');
  expect(named(found, 'InvalidOrganizationHeaderError')).toEqual(ASK_FOR_ONE.toSorted());
  for (const [name, answer] of found) expect(answer, name).toMatch(/^FORBIDDEN$|(?:Error|Success)$/);
  expect(named(found, 'OtherError')).toEqual([]);
});

test('a query has no union: its field is null, and the reason is told', async () => {
  const ada = await inTwoTeams();
  const { data, errors } = await latchkey.send(CurrentOrganizationDocument, {}, by(ada, 'nonsense'));
  expect(data).toEqual({ currentOrganization: null });
  expect(errors?.[0]?.extensions).toEqual({ code: 'BAD_REQUEST', reason: 'INVALID_ORGANIZATION_HEADER' });
});

test('projects, roles and invitations can name it, within what the header allows', async () => {
  const ada = await inTwoTeams();
  const { one, two } = ada;
  const made = async (organizationId: string | undefined, header?: string) => {
    const input = { organizationId: organizationId ?? null };
    const name = `Of ${organizationId}`;
    const sent = [
      await latchkey.send(CreateProjectDocument, { input: { ...input, name } }, by(ada, header)),
      await latchkey.send(CreateRoleDocument, { input: { ...input, name, permissions: [] } }, by(ada, header)),
      await latchkey.send(InviteMemberDocument, { input: { ...input, email: latchkey.address() } }, by(ada, header)),
    ];
    return sent.map((answer) => refusalOf(answer) ?? Object.values(answer.data ?? {})[0]);
  };
  expect(await made(two)).toMatchObject([
    { __typename: 'CreateProjectSuccess' },
    { __typename: 'CreateRoleSuccess' },
    { __typename: 'InviteMemberSuccess', invitation: { organizationId: two } },
  ]);
  expect(await made(one, one)).toMatchObject([{}, {}, { invitation: { organizationId: one } }]);
  expect(await made(undefined)).toMatchObject(Array(3).fill({ code: 'ORGANIZATION_REQUIRED' }));
  expect(await made(one, two)).toEqual(Array(3).fill('FORBIDDEN'));
  const { id: foreign } = await tenant(latchkey, []);
  expect(await made(foreign)).toEqual(Array(3).fill('FORBIDDEN'));
});

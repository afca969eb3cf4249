/** The pairs of requests whose answers say the same, and whose times should. */
import { randomInt } from 'node:crypto';
import pg from 'pg';
import type { Connection, Sent } from '../connection.ts';
import { PASSWORD, type Person } from '../seed.ts';

type Ask = (person: Person) => Sent;
export type Pair = {
  name: string;
  one: [string, Ask];
  other: [string, Ask];
  /** Runs before, uncounted, for those who are asked for the first kind. */
  prepare?: (people: readonly Person[]) => Promise<void>;
  /** Whether an email may follow. */
  sendsMail?: boolean;
};

/** An inviter may send a hundred invitations a day, and an organization has room for two hundred. */
const INVITED_BY_ONE = 90;

const UNVERIFY = "UPDATE users SET email_verified_at = NULL, source = 'REGISTRATION' WHERE email = ANY($1)";

/** @param databaseUrl of the service; without it, those that need a PostgreSQL are left out */
export function timingPairs(connection: Connection, databaseUrl: string | undefined): Pair[] {
  const known = ({ email }: Person) => email;
  /** As long as the other, and nobody’s. */
  const unknown = ({ email }: Person) => email.replace('person', 'nobody');
  const ofEmail = (name: string, one: string, ask: (address: string) => Sent): Pair => ({
    name,
    one: [one, (person) => ask(known(person))],
    other: ['unknown', (person) => ask(unknown(person))],
  });
  const run = (ask: Ask) => async (people: readonly Person[]) => {
    for (const person of people) await connection.send(ask(person));
  };
  const unverify = async (people: readonly Person[]) => {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    await client.query(UNVERIFY, [people.map(known)]);
    await client.end();
  };
  const register = (address: string) =>
    mutation('register', 'RegisterInput', { name: 'Someone', email: address, password: PASSWORD });
  const login = (identifier: string) =>
    mutation('login', 'LoginInput', { identifier, password: 'not the password of anyone' });
  const requestReset = (email: string) => mutation('requestPasswordReset', 'RequestPasswordResetInput', { email });
  const requestLogin = (email: string) => mutation('requestLogin', 'RequestLoginInput', { email });
  const resend = (email: string) => mutation('resendVerification', 'ResendVerificationInput', { email });
  const verify = (email: string) => mutation('verifyEmail', 'VerifyEmailInput', { email, code: '000000' });
  const reset = (email: string) =>
    mutation('resetPassword', 'ResetPasswordInput', { email, code: '000000', newPassword: PASSWORD });
  const exists = (email: string): Sent => ({ ...from(), method: 'GET', path: `/api/exist-email/${email}` });
  const accept: Ask = ({ accessToken }) =>
    withToken(mutation('acceptInvitation', 'AcceptInvitationInput', { code: '000000' }), accessToken);

  const pairs: Pair[] = [
    { ...ofEmail('register', 'verified', register), sendsMail: true },
    ofEmail('login, wrong password', 'known', login),
    { ...ofEmail('request-reset', 'known', requestReset), sendsMail: true },
    { ...ofEmail('request of a sign-in email', 'known', requestLogin), sendsMail: true },
    {
      ...ofEmail('reset, wrong code', 'requested', reset),
      prepare: run((person) => requestReset(known(person))),
    },
    ofEmail('exist-email, concealed', 'known', exists),
    {
      name: 'accept-invitation, wrong code',
      one: ['invited', accept],
      other: ['not invited', accept],
      prepare: (people) => invite(connection, people),
    },
  ];
  const ofUnverified: Pair[] = [
    { ...ofEmail('register again', 'unverified', register), prepare: unverify, sendsMail: true },
    { ...ofEmail('resend', 'unverified', resend), prepare: unverify, sendsMail: true },
    {
      ...ofEmail('verify, wrong code', 'requested', verify),
      prepare: async (people) => {
        await unverify(people);
        await run((person) => resend(known(person)))(people);
      },
    },
  ];
  return databaseUrl === undefined ? pairs : [...pairs, ...ofUnverified];
}

async function invite(connection: Connection, people: readonly Person[]): Promise<void> {
  for (let first = 0; first < people.length; first += INVITED_BY_ONE) {
    const owner = people[first];
    if (owner === undefined) return;
    const create = mutation('createOrganization', 'CreateOrganizationInput', { name: 'Bench' }, 'organization { id }');
    const made = await connection.send(withToken(create, owner.accessToken));
    const organizationId = /"id":"([^"]+)"/.exec(made.body)?.[1];
    if (organizationId === undefined) throw new Error(`No organization: ${made.body}`);
    for (const { email } of people.slice(first, first + INVITED_BY_ONE)) {
      const sent = mutation('inviteMember', 'InviteMemberInput', { organizationId, email });
      await connection.send(withToken(sent, owner.accessToken));
    }
  }
}

function mutation(name: string, type: string, input: object, selected = '__typename'): Sent {
  const success =
    selected === '__typename' ? '' : ` ... on ${name[0]?.toUpperCase()}${name.slice(1)}Success { ${selected} }`;
  const query = `mutation ($input: ${type}!) { ${name}(input: $input) { __typename${success} } }`;
  return { ...from(), body: JSON.stringify({ query, variables: { input } }) };
}

/** Each request from a network of its own, named as long as any: budgets are not what is measured. */
function from(): Sent {
  return { headers: { 'x-forwarded-for': `10.${byte()}.${byte()}.${byte()}` } };
}

function byte(): number {
  return 100 + randomInt(156);
}

function withToken(sent: Sent, token: string): Sent {
  return { ...sent, headers: { ...sent.headers, authorization: `Bearer ${token}` } };
}

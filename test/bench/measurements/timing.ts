/**
 * Whether the time of an answer tells what the answer does not: known and unknown addresses, the right and the wrong
 * state. Both of a pair are asked in turns, in random order, over one connection. The AUC is the chance that a random
 * answer of the one takes longer than a random one of the other: 0.5 if the time says nothing.
 */
import { randomInt, randomUUID } from 'node:crypto';
import { type Connection, openConnection, type Sent } from '../connection.ts';
import { median } from '../load.ts';
import { type Bench, latchkeyProgram, type Result } from '../measurement.ts';
import type { Row } from '../report.ts';
import { PASSWORD, type Person } from '../seed.ts';
import { startServer } from '../servers.ts';

const SAMPLES = 300;
/** Of these, each answers before it counts: code is compiled, plans are made. */
const WARM_UP = 20;
/** An inviter may send a hundred invitations a day, and an organization has room for two hundred. */
const INVITED_BY_ONE = 90;

/** What an AUC should be within. */
const EVEN = { from: 0.45, to: 0.55 };

type Ask = (person: Person) => Sent;
/** Two kinds of requests whose answers say the same. `prepare` runs before, uncounted, for those of the first kind. */
type Pair = {
  name: string;
  one: [string, Ask];
  other: [string, Ask];
  prepare?: (people: readonly Person[]) => Promise<void>;
};

export async function measureTiming(bench: Bench): Promise<Result> {
  const env = { ...bench.env, ACCOUNT_DISCOVERY: 'conceal-everywhere' };
  const server = await startServer(bench.cores, latchkeyProgram(env));
  const connection = await openConnection(server.port);
  const samples = bench.stretch(SAMPLES) < SAMPLES ? 20 : SAMPLES;
  const rows: Row[] = [];
  const all: Record<string, object> = {};
  try {
    const people = inSlices(bench.seeded.people);
    for (const pair of pairs(connection)) {
      const asked = people(samples + WARM_UP);
      await pair.prepare?.(asked);
      const { one, other } = await askInTurns(connection, pair, asked);
      const auc = aucOf(one, other);
      all[pair.name] = { [pair.one[0]]: one, [pair.other[0]]: other, auc };
      rows.push(
        {
          metric: `time of ${pair.name}: ${pair.one[0]}`,
          latchkey: median(one),
          unit: 'ms',
          baseline: { name: pair.other[0], value: median(other) },
        },
        { metric: `AUC of ${pair.name}`, latchkey: auc, unit: 'AUC', goal: EVEN },
      );
    }
  } finally {
    connection.close();
    await server.stop();
  }
  return { rows, samples: all };
}

function pairs(connection: Connection): Pair[] {
  const email = ({ email: address }: Person) => address;
  const nobody = () => `nobody-${randomUUID()}@bench.example`;
  const ofEmail = (name: string, ask: (address: string) => Sent): Pair => ({
    name,
    one: ['known', (person) => ask(email(person))],
    other: ['unknown', () => ask(nobody())],
  });
  const run = async (people: readonly Person[], ask: Ask) => {
    for (const person of people) await connection.send(ask(person));
  };
  const register = (address: string) =>
    mutation('register', 'RegisterInput', { name: 'Someone', email: address, password: PASSWORD });
  const verify = (address: string) => mutation('verifyEmail', 'VerifyEmailInput', { email: address, code: '000000' });
  const requestReset = (address: string) =>
    mutation('requestPasswordReset', 'RequestPasswordResetInput', { email: address });
  const reset = (address: string) =>
    mutation('resetPassword', 'ResetPasswordInput', { email: address, code: '000000', newPassword: PASSWORD });
  const accept: Ask = ({ accessToken }) =>
    withToken(mutation('acceptInvitation', 'AcceptInvitationInput', { code: '000000' }), accessToken);
  return [
    ofEmail('register', register),
    ofEmail('login, wrong password', (identifier) =>
      mutation('login', 'LoginInput', { identifier, password: 'not the password of anyone' }),
    ),
    ofEmail('request-reset', requestReset),
    ofEmail('resend', (address) => mutation('resendVerification', 'ResendVerificationInput', { email: address })),
    ofEmail('verify, wrong code', verify),
    {
      ...ofEmail('reset, wrong code', reset),
      prepare: (people) => run(people, (person) => requestReset(email(person))),
    },
    ofEmail('exist-email, concealed', (address) => ({ ...from(), method: 'GET', path: `/api/exist-email/${address}` })),
    {
      name: 'accept-invitation, wrong code',
      one: ['invited', accept],
      other: ['not invited', accept],
      prepare: (people) => invite(connection, people),
    },
  ];
}

/** Invites those at even places, as the others are not. */
async function invite(connection: Connection, people: readonly Person[]): Promise<void> {
  const invited = people.filter((_, at) => at % 2 === 0);
  for (let first = 0; first < invited.length; first += INVITED_BY_ONE) {
    const owner = people[first];
    if (owner === undefined) return;
    const create = mutation('createOrganization', 'CreateOrganizationInput', { name: 'Bench' }, 'organization { id }');
    const made = await connection.send(withToken(create, owner.accessToken));
    const organizationId = /"id":"([^"]+)"/.exec(made.body)?.[1];
    if (organizationId === undefined) throw new Error(`No organization: ${made.body}`);
    for (const { email } of invited.slice(first, first + INVITED_BY_ONE)) {
      const sent = mutation('inviteMember', 'InviteMemberInput', { organizationId, email });
      await connection.send(withToken(sent, owner.accessToken));
    }
  }
}

/** Those at even places are asked for the first kind, the others for the second. */
async function askInTurns(connection: Connection, { one, other }: Pair, people: readonly Person[]) {
  const times = { one: [] as number[], other: [] as number[] };
  const answers = { one: new Set<string>(), other: new Set<string>() };
  const timed = async (kind: 'one' | 'other', person: Person, counts: boolean) => {
    const sent = (kind === 'one' ? one : other)[1](person);
    const before = performance.now();
    const { body } = await connection.send(sent);
    answers[kind].add(/"__typename":"(\w+)"/.exec(body)?.[1] ?? body);
    if (counts) times[kind].push(performance.now() - before);
  };
  for (let at = 0; at + 1 < people.length; at += 2) {
    const [first, second] = [people[at], people[at + 1]];
    if (first === undefined || second === undefined) break;
    const turns = [() => timed('one', first, at >= WARM_UP * 2), () => timed('other', second, at >= WARM_UP * 2)];
    if (randomInt(2) === 0) turns.reverse();
    for (const turn of turns) await turn();
  }
  const [ones, others] = [[...answers.one].join(), [...answers.other].join()];
  if (ones !== others) throw new Error(`The answers differ: ${ones} and ${others}.`);
  return times;
}

/** The chance that a value of `one` is above one of `other`, ties as half (Mann and Whitney). */
function aucOf(one: readonly number[], other: readonly number[]): number {
  const sorted = [...other].sort((a, b) => a - b);
  const countBelow = (value: number, orEqual: boolean) => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const seen = sorted[middle] ?? Number.POSITIVE_INFINITY;
      if (seen < value || (orEqual && seen === value)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const wins = one.reduce((sum, value) => sum + (countBelow(value, false) + countBelow(value, true)) / 2, 0);
  return wins / (one.length * other.length);
}

/** So many pairs of people at a time, who were not asked about before: budgets and states are those of each pair. */
function inSlices(people: readonly Person[]): (count: number) => Person[] {
  let at = 0;
  return (count) => {
    const needed = count * 2;
    if (at + needed > people.length) throw new Error('Timing needs more --users.');
    at += needed;
    return people.slice(at - needed, at);
  };
}

function mutation(name: string, type: string, input: object, selected = '__typename'): Sent {
  const success =
    selected === '__typename' ? '' : ` ... on ${name[0]?.toUpperCase()}${name.slice(1)}Success { ${selected} }`;
  const query = `mutation ($input: ${type}!) { ${name}(input: $input) { __typename${success} } }`;
  return { ...from(), body: JSON.stringify({ query, variables: { input } }) };
}

/** Each request from a network of its own: budgets are not what is measured. */
function from(): Sent {
  return { headers: { 'x-forwarded-for': `10.${randomInt(256)}.${randomInt(256)}.${randomInt(256)}` } };
}

function withToken(sent: Sent, token: string): Sent {
  return { ...sent, headers: { ...sent.headers, authorization: `Bearer ${token}` } };
}

/**
 * What may be read late is read from a standby, and nothing else is: with a real one, whose replay is paused. Then it
 * has only what was committed before, so an answer tells which server gave it.
 */
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import {
  AuditEventsDocument,
  DisableUserDocument,
  EndSessionDocument,
  ExportMyDataDocument,
  LoginDocument,
  MeDocument,
  MyAuditEventsDocument,
  SetUserRoleDocument,
  UsersDocument,
} from '../generated/graphql.ts';
import { runLatchkey } from '../support/command.ts';
import { type Latchkey, PASSWORD, type Person, SECRET, startLatchkey } from '../support/latchkey.ts';
import { METRICS_TOKEN, metricOf, readMetrics } from '../support/metrics.ts';
import { type PostgresqlPair, startPostgresqlPair } from '../support/postgresql-server.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

let pair: PostgresqlPair;
let proxy: TcpProxy;
let standby: pg.Client;
let primary: pg.Client;
beforeAll(async () => {
  pair = await startPostgresqlPair({ isSynchronous: false });
  const { hostname, port } = new URL(pair.standbyUrl);
  proxy = await startTcpProxy({ host: hostname, port: Number(port) });
  standby = new pg.Client({ connectionString: pair.standbyUrl });
  primary = new pg.Client({ connectionString: pair.primaryUrl });
  await Promise.all([standby.connect(), primary.connect()]);
});
afterAll(async () => {
  await standby?.end();
  await primary?.end();
  await proxy?.close();
  await pair?.stop();
});

let latchkey: Latchkey;
let admin: Person;
afterEach(async () => {
  await standby.query('SELECT pg_wal_replay_resume()');
  await proxy.heal();
  await latchkey?.close();
});

/** Generous, because what a test wants from a replica takes time where many tests run. */
const MAX_LAG_SECONDS = 50;

async function start({
  maxLagSeconds = MAX_LAG_SECONDS,
  replicas = [`postgresql://postgres@127.0.0.1:${proxy.port}/postgres`],
  pooler = 'none' as 'none' | 'transaction',
} = {}): Promise<void> {
  latchkey = await startLatchkey({
    env: { METRICS_TOKEN },
    on: {
      kind: 'postgresql',
      url: pair.primaryUrl,
      poolSize: 10,
      pooler,
      replicas: { urls: replicas, poolSize: 2, maxLagSeconds },
    },
  });
  admin = await latchkey.person();
  await primary.query(`UPDATE users SET role = 'admin' WHERE id = $1`, [admin.id]);
}

const timesSaid = (message: string) => latchkey.logged().split(`"msg":"${message}`).length - 1;
/** What was said of read replicas, in order. */
const told = () =>
  latchkey
    .logged()
    .split('\n')
    .filter((line) => line.includes('"msg":"a read replica is '))
    .map((line) => JSON.parse(line).reason ?? 'used');
const isUsed = () => expect.poll(() => timesSaid('a read replica is used'), { timeout: 20_000 });
/** The replica has all that was committed. */
async function caughtUp(): Promise<void> {
  const { rows } = await primary.query('SELECT pg_current_wal_insert_lsn() AS lsn');
  const has = async () => (await standby.query('SELECT pg_last_wal_replay_lsn() >= $1 AS has', [rows[0].lsn])).rows[0];
  await expect.poll(has, { timeout: 20_000 }).toEqual({ has: true });
}
/** From now on, the replica has nothing new. */
async function pause(): Promise<void> {
  await caughtUp();
  await standby.query('SELECT pg_wal_replay_pause()');
  const state = async () => (await standby.query('SELECT pg_get_wal_replay_pause_state() AS state')).rows[0];
  await expect.poll(state).toEqual({ state: 'paused' });
}
/** What someone did is so long ago that every replica that is read has it. */
const later = () => latchkey.advance({ minutes: 3 });

const asAdmin = () => ({ bearer: admin.accessToken });
async function list(variables: { search?: string; first?: number; after?: string } = {}) {
  const { users } = await latchkey.ask(UsersDocument, variables, asAdmin());
  return { ids: users.nodes.map(({ id }) => id), count: users.totalCount, endCursor: users.pageInfo.endCursor ?? '' };
}
const lists = async (person: Person) => (await list({ search: person.email })).ids.includes(person.id);
const lateReads = async (server: string) =>
  metricOf(await readMetrics(latchkey), 'latchkey_late_reads_total', { server });

describe.each(['none', 'transaction'] as const)('with DATABASE_POOLER=%s', (pooler) => {
  test('lists and the audit log are read late; sessions, sign-ins, and what one did oneself are not', async () => {
    await start({ pooler });
    await isUsed().toBe(1);
    later();
    await pause();

    const newcomer = await latchkey.person();
    later();
    expect(await lists(newcomer)).toBe(false);
    const { count } = await list();
    const events = async (subjectId: string) =>
      (await latchkey.ask(AuditEventsDocument, { first: 5, subjectId }, asAdmin())).auditEvents.nodes;
    expect(await events(newcomer.id)).toEqual([]);
    expect(await lateReads('1')).toBeGreaterThanOrEqual(4);

    // Nobody who signs in or out notices.
    const bearer = newcomer.accessToken;
    expect((await latchkey.ask(MeDocument, {}, { bearer })).me?.id).toBe(newcomer.id);
    const own = await latchkey.ask(MyAuditEventsDocument, { first: 50 }, { bearer });
    expect(own.me?.auditEvents?.nodes).toEqual([]);
    const login = await latchkey.ask(LoginDocument, { input: { identifier: newcomer.email, password: PASSWORD } });
    expect(login.login.__typename).toBe('LoginSuccess');
    // The same question, right after the person did something.
    const after = await latchkey.ask(MyAuditEventsDocument, { first: 50 }, { bearer });
    expect(after.me?.auditEvents?.nodes[0]?.name).toBe('LOGIN_COMPLETED');
    await latchkey.ask(EndSessionDocument, { input: { sessionId: newcomer.sessionId } }, { bearer });
    expect((await latchkey.send(MeDocument, {}, { bearer })).errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
    for (let i = 0; i < 5; i++) {
      await latchkey.ask(LoginDocument, { input: { identifier: newcomer.email, password: 'not the password at all' } });
    }
    const refused = await latchkey.ask(LoginDocument, { input: { identifier: newcomer.email, password: PASSWORD } });
    expect(refused.login.__typename).toBe('TooManyAttemptsError');

    // An administrator who changes something sees it at once, and so does every list of theirs for a while.
    await latchkey.ask(DisableUserDocument, { input: { userId: newcomer.id } }, asAdmin());
    expect(await lists(newcomer)).toBe(true);
    expect((await list()).count).toBe(Number(count) + 1);
    expect((await events(newcomer.id))[0]?.name).toBe('DISABLE_USER_COMPLETED');

    await standby.query('SELECT pg_wal_replay_resume()');
    await caughtUp();
    later();
    expect(await lists(newcomer)).toBe(true);
  });
});

test('a page that begins after what the replica does not have yet is read from the primary', async () => {
  await start();
  await isUsed().toBe(1);
  later();
  await pause();
  const [person, newest] = [await latchkey.person(), await latchkey.person()];
  await latchkey.ask(DisableUserDocument, { input: { userId: newest.id } }, asAdmin());
  const page = await list({ first: 1 });
  expect(page.ids).toEqual([newest.id]);
  const { auditEvents } = await latchkey.ask(AuditEventsDocument, { first: 1 }, asAdmin());
  later();
  expect((await list({ first: 1 })).ids).not.toEqual(page.ids);
  expect((await list({ first: 1, after: page.endCursor })).ids).toEqual([person.id]);
  const after = auditEvents.pageInfo.endCursor ?? '';
  const rest = await latchkey.ask(AuditEventsDocument, { first: 1, after }, asAdmin());
  expect(rest.auditEvents.nodes).toHaveLength(1);
});

test('an export is read late, unless the person or the same request just changed something', async () => {
  await start();
  await isUsed().toBe(1);
  const person = await latchkey.person();
  later();
  await pause();
  await latchkey.ask(SetUserRoleDocument, { input: { userId: person.id, role: 'admin' } }, asAdmin());
  const sending = { bearer: person.accessToken };
  const namesIn = (data: unknown) => (data as { events: { name: string }[] }).events.map(({ name }) => name);
  const { exportMyData } = await latchkey.ask(ExportMyDataDocument, {}, sending);
  if (exportMyData.__typename !== 'ExportMyDataSuccess') throw new Error(exportMyData.__typename);
  expect(namesIn(exportMyData.data)).not.toContain('set_user_role.completed');

  later();
  const query = `mutation { updateProfile(input: { name: "Grace" }) { __typename }
                            exportMyData { ... on ExportMyDataSuccess { data } } }`;
  const response = await latchkey.fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${person.accessToken}` },
    body: JSON.stringify({ query }),
  });
  const { data } = await response.json();
  expect(namesIn(data.exportMyData.data)).toEqual(
    expect.arrayContaining(['update_profile.completed', 'set_user_role.completed']),
  );
});

test.each(['refuse', 'vanish'] as const)(
  'a replica whose host does this to connections: %s, is nobody’s error',
  async (ailment) => {
    await start();
    await isUsed().toBe(1);
    later();
    await pause();
    const newcomer = await latchkey.person();
    later();
    expect(await lists(newcomer)).toBe(false);
    await proxy[ailment]();
    expect(await lists(newcomer)).toBe(true);
    expect(await (await latchkey.fetch('/readyz')).json()).toEqual({ status: 'ok' });
    const used = async () => metricOf(await readMetrics(latchkey), 'latchkey_read_replica_used', { replica: '1' });
    await expect.poll(used, { timeout: 20_000 }).toBe(0);
    expect(await lists(newcomer)).toBe(true);
    await proxy.heal();
    await isUsed().toBeGreaterThanOrEqual(2);
    await expect.poll(() => lists(newcomer), { timeout: 20_000 }).toBe(false);
    // Once for each change.
    expect(told()).toEqual(told().filter((each, at, all) => each !== all[at - 1]));
    // Neither the end of the process nor its start waits for a replica.
    await proxy[ailment]();
    await latchkey.restart();
    expect(await lists(newcomer)).toBe(true);
  },
);

test('a replica that is too far behind is not read until it has come close, even if its primary is idle', async () => {
  await start({ maxLagSeconds: 2 });
  await isUsed().toBe(1);
  later();
  await pause();
  const newcomer = await latchkey.person();
  later();
  await expect.poll(() => timesSaid('a read replica is not used'), { timeout: 20_000 }).toBe(1);
  expect(latchkey.logged()).toMatch(/"readReplica":1,"reason":"behind"/);
  expect(await lists(newcomer)).toBe(true);
  const lag = async () => metricOf(await readMetrics(latchkey), 'latchkey_read_replica_lag_seconds', { replica: '1' });
  expect(await lag()).toBeGreaterThan(2);
  await standby.query('SELECT pg_wal_replay_resume()');
  await isUsed().toBe(2);
  expect(await lag()).toBeLessThan(2);
  const before = await lateReads('1');
  expect(await lists(newcomer)).toBe(true);
  expect(await lateReads('1')).toBeGreaterThan(before);
});

test('servers that are not replicas are not read, and the log and doctor say why, without passwords', async () => {
  const [other, gone] = [new URL(inject('postgresqlUrl')), new URL(pair.standbyUrl)];
  gone.port = '1';
  for (const url of [other, gone]) url.password = 'hunter2';
  const replicas = [pair.standbyUrl, pair.primaryUrl, other.href, gone.href];
  await start({ replicas });
  await isUsed().toBe(1);
  await expect.poll(() => timesSaid('a read replica is not used'), { timeout: 20_000 }).toBe(3);
  const reasons = latchkey.logged().matchAll(/"readReplica":(\d),"reason":"(\w+)"/g);
  expect(Object.fromEntries([...reasons].map(([, number, reason]) => [number, reason]))).toEqual({
    2: 'primary',
    3: 'unfit',
    4: 'unreachable',
  });
  expect(await lists(admin)).toBe(true);

  const env = { DATABASE_URL: pair.primaryUrl, DATABASE_REPLICA_URLS: replicas.join(' '), SECRET };
  const { stdout, code } = await runLatchkey(['doctor'], { env });
  expect(stdout).toMatch(/^ok {4}read replicas {2}1 \(127\.0\.0\.1:\d+\/postgres\) is /m);
  expect(stdout).toMatch(/^ok {4}read replicas {2}2 \(.*\) accepts writes/m);
  expect(stdout).toMatch(/^warn {2}read replicas {2}3 \(.*\) cannot be read\. It is not a standby of DATABASE_URL\./m);
  expect(stdout).toMatch(/^warn {2}read replicas {2}4 \(127\.0\.0\.1:1\/postgres\) cannot be read: /m);
  expect(code).toBe(0);
  for (const text of [stdout, latchkey.logged()]) expect(text).not.toContain('hunter2');
});

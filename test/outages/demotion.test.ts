/**
 * A primary that is demoted and keeps its connections, as when someone switches servers on purpose: what it refuses to
 * write is written to the new primary a moment later.
 */
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { MeDocument, MyAuditEventsDocument, RefreshDocument } from '../generated/graphql.ts';
import { type Latchkey, type Person, startLatchkey } from '../support/latchkey.ts';
import { type PostgresqlPair, startPostgresqlPair } from '../support/postgresql-server.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

let pair: PostgresqlPair;
let latchkey: Latchkey;
let person: Person;
let [former, next]: pg.Client[] = [];
beforeAll(async () => {
  pair = await startPostgresqlPair({ isSynchronous: false });
  [former, next] = [pair.primaryUrl, pair.standbyUrl].map((connectionString) => new pg.Client({ connectionString }));
  for (const client of [former, next]) client?.on('error', () => {});
  await Promise.all([former?.connect(), next?.connect()]);
  latchkey = await startLatchkey({ on: { kind: 'postgresql', url: pair.url, poolSize: 5 } });
  person = await latchkey.person();
});
afterAll(async () => {
  await latchkey?.close();
  await Promise.all([former?.end(), next?.end()]);
  await pair?.stop();
});

/** Connections stay open, and their next transaction only reads. */
async function setReadOnly(client: pg.Client | undefined, state: 'on' | 'off'): Promise<void> {
  await client?.query('SET default_transaction_read_only = off');
  await client?.query(`ALTER SYSTEM SET default_transaction_read_only = ${state}`);
  await client?.query('RESET default_transaction_read_only');
  await client?.query('SELECT pg_reload_conf()');
  const now = async () => (await client?.query('SHOW default_transaction_read_only'))?.rows[0];
  await expect.poll(now).toEqual({ default_transaction_read_only: state });
}

async function refresh(): Promise<string> {
  const { data, errors } = await latchkey.send(RefreshDocument, { input: { refreshToken: person.refreshToken } });
  if (data?.refresh.__typename !== 'RefreshSuccess') return String(errors?.[0]?.extensions?.['code']);
  person.refreshToken = data.refresh.tokens.refreshToken ?? '';
  person.accessToken = data.refresh.tokens.accessToken;
  return 'refreshed';
}

const generationOn = async (client: pg.Client | undefined) =>
  Number(
    (await client?.query('SELECT generation FROM sessions WHERE id = $1', [person.sessionId]))?.rows[0]?.generation,
  );
const readiness = async () => (await latchkey.fetch('/readyz')).json();

test('the new primary is found without a restart, and nobody is signed out', async () => {
  const { accessToken: bearer } = person;
  await Promise.all(Array.from({ length: 20 }, () => latchkey.ask(MyAuditEventsDocument, { first: 5 }, { bearer })));
  expect(await refresh()).toBe('refreshed');
  await setReadOnly(former, 'on');
  // Sessions of the server hear of it one after the other.
  await expect.poll(refresh, { timeout: 20_000 }).toBe('SERVICE_UNAVAILABLE');
  // One refusal is enough: all connections are left, also those that refused nothing.
  const open = async () => {
    const text = "SELECT count(*)::int AS open FROM pg_stat_activity WHERE application_name = 'latchkey'";
    return (await former?.query(text))?.rows[0];
  };
  await expect.poll(open).toEqual({ open: 0 });
  await expect.poll(() => generationOn(next)).toBe(await generationOn(former));
  await pair.promote();
  await expect.poll(refresh, { timeout: 20_000 }).toBe('refreshed');
  expect(await generationOn(next)).toBeGreaterThan(await generationOn(former));
  expect((await latchkey.ask(MeDocument, {}, { bearer: person.accessToken })).me?.id).toBe(person.id);
  expect(await readiness()).toEqual({ status: 'ok' });
  expect(latchkey.logged()).toContain('the database server refuses to write; closing its connections');
});

test('servers that all only read are told apart from servers that do not answer', async () => {
  await setReadOnly(next, 'on');
  await expect.poll(refresh, { timeout: 20_000 }).toBe('SERVICE_UNAVAILABLE');
  const readOnly = { status: 'unavailable', reason: 'database-read-only' };
  for (let i = 0; i < 3; i++) expect(await readiness()).toEqual(readOnly);
  const told = () => latchkey.logged().includes('"reason":"Every server that answers is read-only"');
  await expect.poll(async () => (await refresh()) && told(), { timeout: 20_000 }).toBe(true);
  // A server that is gone besides does not change that.
  await pair.killPrimary();
  expect(await readiness()).toEqual(readOnly);
  await setReadOnly(next, 'off');
  await expect.poll(refresh, { timeout: 20_000 }).toBe('refreshed');
  expect(await readiness()).toEqual({ status: 'ok' });
});

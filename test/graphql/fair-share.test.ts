/** One person cannot take all of the database: how many of their operations run at once is counted in PostgreSQL. */
import { print } from 'graphql';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { CreateOrganizationDocument, MeDocument } from '../generated/graphql.ts';
import { type Latchkey, startLatchkey } from '../support/latchkey.ts';

let latchkey: Latchkey;
let lock: pg.Client;
beforeAll(async () => {
  let url = '';
  latchkey = await startLatchkey({
    engine: 'postgresql',
    reachedAt: (target) => {
      url = target.href;
      // A session that waits for the lock does so until the test gives it back.
      target.searchParams.set('options', '-c lock_timeout=0 -c statement_timeout=0');
    },
  });
  lock = new pg.Client({ connectionString: url });
  await lock.connect();
});
afterAll(async () => {
  await lock.end();
  await latchkey.close();
});

/** How many sessions of the service wait for the lock. */
async function waiting(): Promise<number> {
  const { rows } = await lock.query<{ count: number }>(
    `SELECT count(*)::int FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'latchkey' AND wait_event_type = 'Lock'`,
  );
  return rows[0]?.count ?? 0;
}

test('of one person a quarter of the connections is in use at once, others go on, and the line has an end', async () => {
  const [busy, other] = [await latchkey.person(), await latchkey.person()];
  await lock.query('BEGIN');
  await lock.query('LOCK TABLE organizations IN ACCESS EXCLUSIVE MODE');
  const send = (i: number) =>
    latchkey.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${busy.accessToken}` },
      body: JSON.stringify({ query: print(CreateOrganizationDocument), variables: { input: { name: `Team ${i}` } } }),
    });
  // 3 run, 256 wait, and 2 are refused.
  const answers = Array.from({ length: 3 + 256 + 2 }, (_, i) => send(i));
  await vi.waitFor(async () => expect(await waiting()).toBe(3), { timeout: 20_000 });
  for (let i = 0; i < 20; i++) await latchkey.ask(MeDocument, {}, { bearer: other.accessToken });
  expect(await waiting()).toBe(3);
  await lock.query('ROLLBACK');

  const done = await Promise.all(answers);
  const refused = done.filter(({ status }) => status !== 200);
  expect(refused.map(({ status, headers }) => [status, headers.get('retry-after')])).toEqual([
    [429, '1'],
    [429, '1'],
  ]);
  expect(await refused[0]?.json()).toMatchObject({ errors: [{ extensions: { code: 'TOO_MANY_REQUESTS' } }] });
}, 60_000);

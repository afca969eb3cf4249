/** A real PgBouncer in front of PostgreSQL: the service works through it, or says in one line why not. */
import pg from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { contextWithoutRequest, inTransaction } from '#core/context.ts';
import { LoginDocument, MeDocument, RefreshDocument, RegisterDocument } from '../generated/graphql.ts';
import { runLatchkey } from '../support/command.ts';
import { freshDatabase } from '../support/database.ts';
import { PASSWORD, SECRET, startLatchkey } from '../support/latchkey.ts';
import { findPgbouncer, startPgbouncer } from '../support/pgbouncer.ts';

const binary = findPgbouncer();
if (binary === null)
  process.stderr.write('PgBouncer is not installed: its tests are skipped. apt-get install pgbouncer\n');

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).reverse()) await cleanUp();
});

describe.skipIf(binary === null)('behind PgBouncer', () => {
  const inFrontOf = async (url: string, settings: Record<string, string>) => {
    const bouncer = await startPgbouncer(binary ?? '', url, settings);
    cleanups.push(bouncer.stop);
    return bouncer.url;
  };

  test('in transaction mode, with DATABASE_POOLER=transaction: everything works, in UTC and with its timeouts', async () => {
    let direct = '';
    const database = await freshDatabase('postgresql');
    cleanups.push(database.drop);
    direct = database.url;
    const pooled = await inFrontOf(direct, { pool_mode: 'transaction' });
    const latchkey = await startLatchkey({
      engine: 'postgresql',
      on: { ...database, url: pooled, directUrl: direct, pooler: 'transaction' },
    });
    cleanups.push(latchkey.close);

    const emails = Array.from({ length: 12 }, () => latchkey.address());
    const registered = await Promise.all(
      emails.map((email, i) =>
        latchkey.ask(RegisterDocument, { input: { name: 'Ada', email, password: PASSWORD } }, { ip: `192.0.2.${i}` }),
      ),
    );
    expect(new Set(registered.map(({ register }) => register.__typename))).toEqual(new Set(['RegisterSuccess']));
    const person = await latchkey.person();
    const sessions = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const { login } = await latchkey.ask(LoginDocument, {
          input: { identifier: person.email, password: PASSWORD },
        });
        if (login.__typename !== 'LoginSuccess') throw new Error(JSON.stringify(login));
        const input = { refreshToken: login.tokens.refreshToken };
        const { refresh } = await latchkey.ask(RefreshDocument, { input });
        if (refresh.__typename !== 'RefreshSuccess') throw new Error(JSON.stringify(refresh));
        return latchkey.ask(MeDocument, {}, { bearer: refresh.tokens.accessToken });
      }),
    );
    expect(sessions.map(({ me }) => me?.id)).toEqual(sessions.map(() => person.id));

    // What was written is in UTC: the time zone of the server is another one.
    const client = new pg.Client({ connectionString: direct });
    await client.connect();
    const { rows } = await client.query(`
      SELECT abs(extract(epoch FROM now() - max(created_at))) < 300 AS "isNow", current_setting('TimeZone') AS zone
        FROM sessions`);
    await client.end();
    expect(rows).toEqual([{ isNow: true, zone: 'Asia/Kolkata' }]);

    const text = ['TimeZone', 'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'];
    const read = `SELECT ${text.map((name) => `current_setting('${name}')`).join(` || ' ' || `)} AS settings`;
    const { database: own } = latchkey.app.parts;
    const settings = [
      ...(await Promise.all(Array.from({ length: 8 }, () => own.query({ name: 'settings', text: read }, [])))).flat(),
      ...(await inTransaction(contextWithoutRequest(latchkey.app.parts, 'operator'), (tx) =>
        tx.db.$queryRawUnsafe<object[]>(read),
      )),
    ];
    expect(settings).toEqual(settings.map(() => ({ settings: 'UTC 10s 2s 20s' })));
    expect(latchkey.logged()).not.toMatch(/"level":"(?:error|fatal)"/);
    await latchkey.restart();
    expect((await latchkey.fetch('/readyz')).status).toBe(200);
  });

  test.each<[what: string, settings: Record<string, string>]>([
    ['in transaction mode', { pool_mode: 'transaction' }],
    ['that ignores the settings', { pool_mode: 'session', ignore_startup_parameters: 'options' }],
    ['that refuses the settings', { pool_mode: 'session' }],
  ])('%s, without DATABASE_POOLER: refused in one line that says what to set', async (_, settings) => {
    const database = await freshDatabase('postgresql');
    cleanups.push(database.drop);
    const DATABASE_URL = await inFrontOf(database.url, settings);
    const { code, stderr } = await runLatchkey(['migrate'], { env: { DATABASE_URL, SECRET } });
    expect(stderr.trimEnd().split('\n')).toEqual([expect.stringContaining('DATABASE_POOLER=transaction')]);
    expect(code).toBe(1);
  });
});

test('DATABASE_POOLER=transaction requires DATABASE_DIRECT_URL, because migrations need a session', async () => {
  const env = { DATABASE_URL: 'postgresql://latchkey@127.0.0.1:6432/latchkey', SECRET, DATABASE_POOLER: 'transaction' };
  const { code, stderr } = await runLatchkey(['migrate'], { env });
  expect([code, stderr]).toEqual([1, expect.stringContaining('DATABASE_POOLER: requires DATABASE_DIRECT_URL')]);
});

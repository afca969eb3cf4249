/**
 * What dividing the audit log into months costs and brings, with millions of events: figures of docs/scaling.md.
 *
 *   node test/bench/audit-months.ts fill URL 10000000     makes the databases audit_whole and audit_months
 *   node test/bench/audit-months.ts measure URL           measures them; audit_whole is migrated at the end
 *
 * audit_whole is of the version before, with one table; audit_months has a table for each of the last twelve months.
 * URL is of a superuser on PostgreSQL 18. Start it with `full_page_writes=on` and room for both: 15 GB for ten million.
 */
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openDatabase } from '#outside/database.ts';
import { createLog } from '#outside/log.ts';
import { PRISMA_DIRECTORY } from '#outside/migrations/migration-files.ts';
import { applyMigrations } from '#outside/migrations/migrations.ts';

const FIRST_STEP = '20261127161500_audit_end';
const MONTHS = 12;
const log = createLog('info');

/** A tenth as many accounts as events, and events of the last year in the order of time. */
const FILL = `
  INSERT INTO audit_events (id, name, outcome, subject_id, actor_id, session_ref, ip_address, user_agent, request_id,
                            method, amr, occurred_at)
  SELECT uuidv7(at - now()), (ARRAY['login.completed', 'login.failed', 'logout.completed', 'refresh.replayed'])[1 + n % 4],
         'SUCCESS', person, person, left(md5(n::text), 12), '198.51.100.77',
         'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0',
         gen_random_uuid()::text, 'password', '{pwd}', at
    FROM generate_series($1::bigint, $2::bigint) AS n,
         LATERAL (SELECT now() - $4::interval * (1 - n::float8 / $3::bigint) AS at,
                         md5('person' || (n * 7919 % ($3::bigint / 10)))::uuid AS person) AS its`;
const CHUNK = 250_000;

async function fill(server: string, total: number): Promise<void> {
  const before = folderBefore(FIRST_STEP);
  await recreate(server, 'audit_whole', before);
  rmSync(before, { recursive: true });
  await using(on(server, 'audit_whole'), async (client) => {
    const { rows } = await client.query(
      "SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS text FROM pg_index WHERE indrelid = 'audit_events'::regclass AND NOT indisprimary",
    );
    for (const { name } of rows) await client.query(`DROP INDEX ${name}`);
    await client.query('ALTER TABLE audit_events DROP CONSTRAINT audit_events_pkey');
    await insert(client, total);
    await client.query('ALTER TABLE audit_events ADD PRIMARY KEY (id)');
    for (const { text } of rows) await client.query(text);
    await client.query('VACUUM ANALYZE audit_events');
  });
  await recreate(server, 'audit_months', PRISMA_DIRECTORY);
  await using(on(server, 'audit_months'), async (client) => {
    await client.query(`
      DO $$
      DECLARE
        this_month timestamptz := date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
        first timestamptz := this_month - interval '${MONTHS} months';
      BEGIN
        DROP TABLE audit_events_past;
        PERFORM add_audit_part('-infinity', first);
        PERFORM add_audit_part(month, month + interval '1 month')
           FROM generate_series(first, this_month - interval '1 month', '1 month') AS month;
      END $$`);
    await insert(client, total);
    await client.query('VACUUM ANALYZE audit_events');
  });
}

async function insert(client: pg.Client, total: number): Promise<void> {
  for (let first = 1; first <= total; first += CHUNK) {
    await client.query(FILL, [first, Math.min(total, first + CHUNK - 1), total, '365 days']);
    say(`${first + CHUNK - 1} events`);
  }
}

async function measure(server: string): Promise<void> {
  for (const name of ['audit_whole', 'audit_months']) {
    await using(on(server, name), async (client) => {
      say(`\n${name}`);
      await sizes(client);
      await inserts(client);
      await pages(client);
    });
  }
  await using(on(server, 'audit_whole'), deleteBatches);
  await using(on(server, 'audit_months'), (client) => dropMonth(client, on(server, 'audit_months')));
  await migrate(server);
}

async function sizes(client: pg.Client): Promise<void> {
  const { rows } = await client.query(`
    SELECT sum(pg_table_size(oid)) / 1e9 AS "table", sum(pg_indexes_size(oid)) / 1e9 AS indexes,
           (SELECT count(*) FROM audit_events) AS events
      FROM pg_class WHERE relname LIKE 'audit\\_events%' AND relkind = 'r'`);
  const [{ table, indexes, events }] = rows;
  say(`${events} events, ${Number(table).toFixed(1)} GB, and ${Number(indexes).toFixed(1)} GB of indexes`);
}

/** One at a time, each committed, by a session that needs no network. */
async function inserts(client: pg.Client): Promise<void> {
  const times = 20_000;
  const values = ['chosen', 'chosen', '10000000', "'0 days'"];
  const statement = FILL.replaceAll(/\$(\d)/g, (_, number) => values[Number(number) - 1] ?? '');
  await client.query('SET synchronous_commit = off');
  await client.query('CHECKPOINT');
  const wal = await position(client);
  const start = performance.now();
  await client.query(`
    DO $do$
    DECLARE chosen bigint;
    BEGIN
      FOR i IN 1..${times} LOOP
        chosen := 1 + floor(random() * 10000000);
        ${statement};
        COMMIT;
      END LOOP;
    END $do$`);
  const perSecond = times / ((performance.now() - start) / 1000);
  const bytes = (await since(client, wal)) / times;
  say(`${times} events, one after the other: ${Math.round(perSecond)}/s, WAL ${Math.round(bytes)} bytes each`);
}

const PAGE = `SELECT id, name, occurred_at FROM audit_events`;
const ORDER = 'ORDER BY occurred_at DESC, id DESC LIMIT 21';

async function pages(client: pg.Client): Promise<void> {
  const { rows } = await client.query(
    `SELECT occurred_at::text AS at, id FROM audit_events WHERE occurred_at < now() - interval '180 days' ${ORDER}`,
  );
  const [{ at, id }] = rows;
  const person = `md5('person' || 4711)::uuid`;
  const statements = {
    'the newest': `${PAGE} ${ORDER}`,
    'half a year ago': `${PAGE} WHERE occurred_at <= '${at}' AND (occurred_at < '${at}' OR id < '${id}') ${ORDER}`,
    'of one account': `${PAGE} WHERE subject_id = ${person} ${ORDER}`,
    'of one name': `${PAGE} WHERE name = 'login.failed' ${ORDER}`,
    'of a name that does not occur': `${PAGE} WHERE name = 'purge_organization.completed' ${ORDER}`,
    'by its id': `${PAGE} WHERE id = '${id}'`,
  };
  for (const [name, statement] of Object.entries(statements)) {
    let plan: { 'Execution Time': number; 'Planning Time': number; Plan: Record<string, number> } | undefined;
    // The second time, everything is in memory, also what the planner knows.
    for (let n = 0; n < 5; n++) {
      [plan] = (await client.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${statement}`)).rows[0]['QUERY PLAN'];
    }
    const blocks = (plan?.Plan['Shared Hit Blocks'] ?? 0) + (plan?.Plan['Shared Read Blocks'] ?? 0);
    say(`page ${name}: ${plan?.['Execution Time']} ms, planned in ${plan?.['Planning Time']} ms, ${blocks} blocks`);
  }
}

/** As the clean-up does with one table, for a twelfth of the events. Then the vacuum that has to follow. */
async function deleteBatches(client: pg.Client): Promise<void> {
  const events = Number((await client.query('SELECT count(*) / 12 AS some FROM audit_events')).rows[0].some);
  await client.query('CHECKPOINT');
  const wal = await position(client);
  const start = performance.now();
  for (let deleted = 0; deleted < events; deleted += 1000) {
    await client.query('BEGIN');
    await client.query("SET LOCAL latchkey.audit_retention = 'on'");
    await client.query(`
      DELETE FROM audit_events WHERE id IN (
        SELECT id FROM audit_events WHERE occurred_at < now() ORDER BY occurred_at, id LIMIT 1000 FOR UPDATE SKIP LOCKED)`);
    await client.query('COMMIT');
  }
  const seconds = (performance.now() - start) / 1000;
  say(
    `\n${events} events deleted, 1,000 at a time: ${seconds.toFixed(1)} s, WAL ${((await since(client, wal)) / 1e6).toFixed(0)} MB`,
  );
  const wal2 = await position(client);
  const vacuum = performance.now();
  await client.query('VACUUM audit_events');
  say(
    `VACUUM: ${((performance.now() - vacuum) / 1000).toFixed(1)} s, WAL ${((await since(client, wal2)) / 1e6).toFixed(0)} MB`,
  );
}

async function dropMonth(client: pg.Client, url: string): Promise<void> {
  const { rows } = await client.query(
    `SELECT part, ends, (SELECT count(*) FROM audit_events WHERE tableoid = to_regclass(part)) AS events,
            pg_total_relation_size(part) / 1e6 AS mb FROM audit_parts() OFFSET 1 LIMIT 2`,
  );
  // The second is a whole month.
  await client.query('CHECKPOINT');
  const wal = await position(client);
  const waits = await longestWait(url, async () => {
    const start = performance.now();
    await client.query('CALL drop_audit_months($1, NULL)', [rows[1].ends]);
    say(`\n${rows.map((it) => `${it.part}: ${it.events} events, ${Math.round(it.mb)} MB`).join('; ')}`);
    say(`dropped: ${(performance.now() - start).toFixed(0)} ms`);
  });
  say(
    `WAL ${((await since(client, wal)) / 1e3).toFixed(0)} kB; the longest insert meanwhile took ${waits.toFixed(0)} ms`,
  );
  const [{ at }] = (await client.query(`SELECT now() + interval '1 month' AS at`)).rows;
  const made = await longestWait(url, async () => {
    const start = performance.now();
    const [row] = (await client.query('SELECT make_audit_months($1) AS made', [at])).rows;
    say(`made ${row.made}: ${(performance.now() - start).toFixed(0)} ms`);
  });
  say(`the longest insert meanwhile took ${made.toFixed(0)} ms`);
}

async function migrate(server: string): Promise<void> {
  const url = on(server, 'audit_whole');
  const database = await openDatabase({ kind: 'postgresql', url, poolSize: 2 }, log);
  say('');
  const wait = await longestWait(url, async () => {
    const start = performance.now();
    await applyMigrations(database, log);
    say(`migrated in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  });
  say(`the longest insert meanwhile took ${wait.toFixed(0)} ms`);
  await database.close();
  await using(url, pages);
}

/** While the work goes on, how long the slowest insert of another session takes, in milliseconds. */
async function longestWait(url: string, work: () => Promise<void>): Promise<number> {
  return using(url, async (client) => {
    let isOver = false;
    let longest = 0;
    const inserting = (async () => {
      while (!isOver) {
        const start = performance.now();
        await client.query({ name: 'insert', text: FILL, values: [1, 1, 1e7, '0 days'] });
        longest = Math.max(longest, performance.now() - start);
      }
    })();
    await work();
    isOver = true;
    await inserting;
    return longest;
  });
}

async function recreate(server: string, name: string, folder: string): Promise<void> {
  await using(server, async (client) => {
    await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${name}`);
  });
  const database = await openDatabase({ kind: 'postgresql', url: on(server, name), poolSize: 2 }, log);
  await applyMigrations(database, log, folder);
  await database.close();
}

function folderBefore(step: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-prisma-'));
  cpSync(PRISMA_DIRECTORY, folder, { recursive: true });
  for (const name of readdirSync(join(folder, 'migrations'))) {
    if (/^\d/.test(name) && name >= step) rmSync(join(folder, 'migrations', name), { recursive: true });
  }
  return folder;
}

function on(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}

async function using<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function position(client: pg.Client): Promise<string> {
  return (await client.query('SELECT pg_current_wal_insert_lsn()::text AS lsn')).rows[0].lsn;
}

async function since(client: pg.Client, lsn: string): Promise<number> {
  return Number((await client.query('SELECT pg_current_wal_insert_lsn() - $1::pg_lsn AS bytes', [lsn])).rows[0].bytes);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

const [command, url = '', total = '10000000'] = process.argv.slice(2);
if (command === 'fill') await fill(url, Number(total));
else await measure(url);

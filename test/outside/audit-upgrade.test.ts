/** The audit log of the version before becomes one by month: without a copy, a loss, or a pause for that version. */
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import type { DatabaseConfig } from '#config/database/database-settings.ts';
import { type Database, openDatabase } from '#outside/database.ts';
import { createLog } from '#outside/log.ts';
import { PRISMA_DIRECTORY } from '#outside/migrations/migration-files.ts';
import { applyMigrations } from '#outside/migrations/migrations.ts';
import { ENGINES, type Engine, emptyEmbedded, emptyPostgresql } from '../support/database.ts';

const log = createLog('silent');
const STEPS = ['20261127161500_audit_end', '20261127161501_audit_end_checked', '20261127161502_audit_by_month'];

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Our `prisma` folder without the last of these steps. */
async function folderBefore(step: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-prisma-'));
  cleanups.push(() => rm(folder, { recursive: true }));
  await cp(PRISMA_DIRECTORY, folder, { recursive: true });
  for (const name of await readdir(join(folder, 'migrations'))) {
    if (/^\d/.test(name) && name >= step) await rm(join(folder, 'migrations', name), { recursive: true });
  }
  return folder;
}

async function open(config: DatabaseConfig): Promise<Database> {
  const database = await openDatabase(config, log);
  cleanups.push(() => database.close());
  return database;
}

/** A database of the version before. */
async function openBefore(engine: Engine) {
  const config = await (engine === 'embedded' ? emptyEmbedded() : emptyPostgresql());
  cleanups.push(config.drop);
  const database = await open(config);
  await applyMigrations(database, log, await folderBefore(STEPS[0] ?? ''));
  return { database, config };
}

/** As the version before writes it. */
const INSERT = `
  INSERT INTO audit_events (id, name, outcome, subject_id, actor_id, session_ref, organization_id, ip_address, user_agent,
                            request_id, origin, method, amr, occurred_at)
  SELECT gen_random_uuid(), 'login.completed', 'SUCCESS', gen_random_uuid(), NULL, 'abc', NULL, '203.0.113.7', 'Firefox', 'r',
         'request', 'password', '{pwd}', $1::timestamptz`;

describe('an audit log of the version before', () => {
  const rowsOf = ({ prisma }: Database) => prisma.auditEvent.findMany({ orderBy: { id: 'asc' } });
  const partsOf = ({ prisma }: Database) =>
    prisma.$queryRaw<{ part: string; starts: string; ends: string; count: number }[]>`
      SELECT part, starts::text, ends::text, (SELECT count(*)::int FROM audit_events e WHERE e.tableoid = to_regclass(part)) AS count
        FROM audit_parts()`;
  const isRefused = async ({ prisma }: Database, statement: string) => {
    await expect(prisma.$executeRawUnsafe(statement), statement).rejects.toThrow(/audit_events only grows/);
  };

  test.each(ENGINES)('keeps every event in one table, and writes the next ones by month, on %s', async (engine) => {
    const { database } = await openBefore(engine);
    const days = [-400, -90, -45, -1, 0, 20];
    for (const day of days) await database.query({ name: '', text: INSERT }, [new Date(Date.now() + day * 86_400_000)]);
    const before = await rowsOf(database);
    expect(before).toHaveLength(days.length);

    expect(await applyMigrations(database, log)).toEqual(STEPS);
    expect(await rowsOf(database)).toEqual(before);
    const [past, ...others] = await partsOf(database);
    expect(past).toMatchObject({ part: 'audit_events_past', starts: '-infinity', count: days.length });
    expect(others.every(({ count }) => count === 0)).toBe(true);
    expect(others.length).toBeGreaterThanOrEqual(2);
    expect([past, ...others].slice(0, -1).map((it) => it?.ends)).toEqual(others.map(({ starts }) => starts));
    // The end of the old table is one to two months away, so that nothing is refused while the steps are under way.
    const end = Date.parse(String(past?.ends));
    expect(end - Date.now()).toBeGreaterThan(30 * 86_400_000);
    expect(end - Date.now()).toBeLessThan(63 * 86_400_000);
    await database.query({ name: '', text: INSERT }, [new Date(end)]);
    expect((await partsOf(database))[1]?.count).toBe(1);

    for (const table of ['audit_events', 'audit_events_past', String(others[0]?.part)]) {
      await isRefused(database, `DELETE FROM ${table}`);
      await isRefused(database, `UPDATE ${table} SET name = 'x'`);
      await isRefused(database, `TRUNCATE ${table}`);
    }
    // As it was for events that are in one table: an id is there once.
    await expect(
      database.prisma.auditEvent.createMany({
        data: before.slice(0, 1).map((event) => ({ ...event, requestId: 'again' })),
      }),
    ).rejects.toThrow(/nique constraint/);
  });

  test('without events begins with this month', async () => {
    const { database } = await openBefore('postgresql');
    await applyMigrations(database, log);
    const parts = await partsOf(database);
    const month = new Date().toISOString().slice(0, 7);
    expect(parts.map(({ part }) => part)[1]).toBe(`audit_events_${month.replace('-', '_')}`);
    expect(parts).toHaveLength(6);
    expect(parts[0]?.ends).toMatch(`${month}-01 00:00:00`);
  });

  test('with an event dated years ahead is kept together until then', async () => {
    const { database } = await openBefore('postgresql');
    const ahead = new Date(Date.now() + 5 * 365 * 86_400_000);
    for (const time of [new Date(), ahead]) await database.query({ name: '', text: INSERT }, [time]);
    await applyMigrations(database, log);
    expect((await partsOf(database)).map(({ part, count }) => [part, count])).toEqual([
      ['audit_events_past', 2],
      ['audit_events_future', 0],
    ]);
  });

  test.each(STEPS.slice(1))('goes on if the process dies before %s', async (step) => {
    const { database } = await openBefore('postgresql');
    await database.query({ name: '', text: INSERT }, [new Date()]);
    await applyMigrations(database, log, await folderBefore(step));
    await database.query({ name: '', text: INSERT }, [new Date(Date.now() + 30 * 86_400_000)]);
    await applyMigrations(database, log);
    expect((await partsOf(database))[0]).toMatchObject({ part: 'audit_events_past', count: 2 });
    await isRefused(database, 'DELETE FROM audit_events');
  });
});

test('replicas of the version before write and read all the while, and others keep the rights they had', async () => {
  const { database, config } = await openBefore('postgresql');
  if (config.kind !== 'postgresql') throw new Error(config.kind);
  const reader = `reader_${process.pid}`;
  await database.prisma.$executeRawUnsafe(`CREATE ROLE ${reader}`);
  cleanups.push(() => database.prisma.$executeRawUnsafe(`DROP OWNED BY ${reader}; DROP ROLE ${reader}`));
  await database.prisma.$executeRawUnsafe(`GRANT SELECT ON audit_events TO ${reader}`);
  await database.prisma.$executeRawUnsafe('GRANT INSERT ON audit_events TO PUBLIC');

  const older = new pg.Pool({ connectionString: config.url, max: 4 });
  let isOver = false;
  const written = await Promise.all([
    ...Array.from({ length: 4 }, async () => {
      let count = 0;
      for (; !isOver; count += 1) {
        await older.query({ name: 'insert', text: INSERT, values: [new Date()] });
        const text = 'SELECT id FROM audit_events ORDER BY occurred_at DESC, id DESC LIMIT 3';
        expect((await older.query({ name: 'page', text })).rows.length).toBeGreaterThan(0);
      }
      return count;
    }),
    applyMigrations(database, log).finally(() => {
      isOver = true;
    }),
  ]);
  await older.end();
  const total = written.slice(0, -1).reduce<number>((sum, count) => sum + Number(count), 0);
  expect(total).toBeGreaterThan(10);
  expect(await database.prisma.auditEvent.count()).toBe(total);
  const [rights] = await database.prisma.$queryRawUnsafe<object[]>(`
    SELECT has_table_privilege('${reader}', 'audit_events', 'SELECT') AS "reads",
           has_table_privilege('${reader}', 'audit_events', 'INSERT') AS "adds",
           has_table_privilege('${reader}', 'audit_events', 'DELETE') AS "deletes"`);
  expect(rights).toEqual({ reads: true, adds: true, deletes: false });
});

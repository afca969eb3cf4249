/** The audit log is kept by month: made ahead, dropped as a whole, and protected in every one of its tables. */
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { makeAuditMonths } from '#core/database/audit-months.ts';
import { daysAfter, minutesAfter } from '#core/time.ts';
import { cleanUp } from '#jobs/clean-up.ts';
import { openDatabase } from '#outside/database.ts';
import { createLog } from '#outside/log.ts';
import { AuditEventsDocument, type AuditEventsQueryVariables } from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, startLatchkey } from '../support/latchkey.ts';
import { planOf, watched } from '../support/prisma-statements.ts';

type Part = { part: string; starts: string; ends: string };

describe.each(ENGINES)('the months of the audit log on %s', (engine) => {
  let latchkey: Latchkey;
  beforeEach(async () => {
    await latchkey?.close();
    latchkey = await startLatchkey({ engine, env: { AUDIT_RETENTION: '30d' } });
  });
  afterAll(() => latchkey.close());

  const prisma = () => latchkey.app.parts.database.prisma;
  /** The beginning of a month, counted from this one. */
  const month = (offset: number, day = 1) => {
    const now = new Date();
    return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset, day));
  };
  const nameOf = (offset: number) => `audit_events_${month(offset).toISOString().slice(0, 7).replace('-', '_')}`;
  const advanceTo = (time: Date) =>
    latchkey.advance({ seconds: Math.ceil((time.getTime() - latchkey.app.parts.clock().getTime()) / 1000) });
  const parts = () => prisma().$queryRaw<Part[]>`SELECT part, starts::text, ends::text FROM audit_parts()`;
  const names = async () => (await parts()).map(({ part }) => part);
  const add = async (...times: Date[]) => {
    const event = { name: 'login.completed', outcome: 'SUCCESS', requestId: 'r' };
    await prisma().auditEvent.createMany({ data: times.map((occurredAt) => ({ ...event, occurredAt })) });
  };
  /** How many events are in which table. */
  const places = async () => {
    const rows = await prisma().$queryRaw<{ part: string; count: number }[]>`
      SELECT tableoid::regclass::text AS part, count(*)::int AS count FROM audit_events GROUP BY 1 ORDER BY 1`;
    return Object.fromEntries(rows.map(({ part, count }) => [part, count]));
  };
  const expectNoGap = async () => {
    const all = await parts();
    expect(all[0]?.starts).toBe('-infinity');
    expect(all.at(-1)?.ends).toBe('infinity');
    expect(all.slice(1).map(({ starts }) => starts)).toEqual(all.slice(0, -1).map(({ ends }) => ends));
  };

  test('are made ahead, and an event is in the table of its month', async () => {
    expect(await names()).toEqual([
      'audit_events_past',
      ...[0, 1, 2, 3].map((offset) => nameOf(offset)),
      'audit_events_future',
    ]);
    await expectNoGap();
    await add(month(0), month(1, 15), month(2, 28), month(-5), month(9));
    expect(await places()).toEqual({
      audit_events_past: 1,
      [nameOf(0)]: 1,
      [nameOf(1)]: 1,
      [nameOf(2)]: 1,
      audit_events_future: 1,
    });
    // The last moment of a month is in it.
    await add(new Date(month(1).getTime() - 1));
    expect(await places()).toMatchObject({ [nameOf(0)]: 2, [nameOf(1)]: 1 });
  });

  test('are dropped once their last event is over its time, and younger ones stay', async () => {
    await add(month(0, 1), month(0, 20), month(1, 1), month(2, 1));
    const over = daysAfter(month(1), 30);
    advanceTo(minutesAfter(over, -1));
    expect(await cleanUp(latchkey.app.parts)).toMatchObject({ 'audit events': 0 });
    expect(await places()).toEqual({ [nameOf(0)]: 2, [nameOf(1)]: 1, [nameOf(2)]: 1 });
    advanceTo(minutesAfter(over, 1));
    await cleanUp(latchkey.app.parts);
    expect(await places()).toEqual({ [nameOf(1)]: 1, [nameOf(2)]: 1 });
    expect(latchkey.logged()).toContain(`"dropped":["audit_events_past","${nameOf(0)}"]`);
    await expectNoGap();
    // Nothing is left to do, and what comes late still has a place.
    expect(await cleanUp(latchkey.app.parts)).toMatchObject({ 'months of the audit log': 0, 'audit events': 0 });
    await add(month(0, 2));
    expect(await places()).toMatchObject({ audit_events_past: 1 });
    await cleanUp(latchkey.app.parts);
    expect(await places()).toEqual({ [nameOf(1)]: 1, [nameOf(2)]: 1 });
    expect(latchkey.logged()).not.toContain('clean-up failed');
  });

  test('that nobody made in time lose nothing: what was written meanwhile gets its own table', async () => {
    await add(month(6, 20), month(7, 3));
    expect(await places()).toEqual({ audit_events_future: 2 });
    // One event is dated later than it should be.
    await add(month(30));
    advanceTo(month(7, 4));
    await cleanUp(latchkey.app.parts);
    expect(await places()).toEqual({ [`audit_events_until_${nameOf(8).slice(-7)}`]: 2, audit_events_future: 1 });
    expect((await names()).slice(-4)).toEqual([...[8, 9, 10].map((offset) => nameOf(offset)), 'audit_events_future']);
    await expectNoGap();
    await add(month(8));
    expect(await places()).toMatchObject({ [nameOf(8)]: 1 });

    // That table is longer than a month: its events are deleted one by one.
    advanceTo(daysAfter(month(6, 20), 31));
    expect(await cleanUp(latchkey.app.parts)).toMatchObject({ 'audit events': 1 });
    expect(await places()).toMatchObject({ [`audit_events_until_${nameOf(8).slice(-7)}`]: 1 });
    expect(latchkey.logged()).not.toContain('clean-up failed');
  });

  test('are made by replicas at once, each one once', async () => {
    advanceTo(month(14));
    const { config, app } = latchkey;
    const { clock } = app.parts;
    const log = createLog('silent');
    // The embedded database has a single process.
    const others =
      engine === 'embedded' ? [] : await Promise.all([1, 2, 3].map(() => openDatabase(config.database, log)));
    const replicas = [app.parts.database, ...others];
    const made = await Promise.all(replicas.map(({ prisma: db }) => makeAuditMonths({ db, clock, log })));
    for (const other of others) await other.close();
    const until = `audit_events_until_${nameOf(14).slice(-7)}`;
    expect(made.flat()).toEqual([until, ...[14, 15, 16, 17].map((offset) => nameOf(offset))]);
    await expectNoGap();
  });

  test('are made by a start', async () => {
    advanceTo(month(1));
    await latchkey.restart();
    expect((await names()).at(-2)).toBe(nameOf(4));
    expect(latchkey.logged()).toContain(`"made":["${nameOf(4)}"]`);
  });

  test('only grow, each of them', async () => {
    await add(...[-1, 0, 1, 2, 3, 4].map((offset) => month(offset, 5)));
    const before = await places();
    const tables = ['audit_events', ...(await names())];
    expect(tables).toHaveLength(7);
    for (const table of tables) {
      for (const statement of [
        `DELETE FROM ${table}`,
        `UPDATE ${table} SET name = 'logout.completed'`,
        `UPDATE ${table} SET ip_address = '10.0.0.1'`,
        `UPDATE ${table} SET occurred_at = occurred_at + interval '1 month'`,
        `TRUNCATE ${table}`,
      ]) {
        await expect(prisma().$executeRawUnsafe(statement), statement).rejects.toThrow(/audit_events only grows/);
      }
    }
    expect(await places()).toEqual(before);
  });

  test('also after tables were dropped, and after one got an end', async () => {
    await add(month(5), month(40));
    advanceTo(month(6));
    await cleanUp(latchkey.app.parts);
    for (const table of await names()) {
      await add(month(0), month(5), month(7), month(40));
      await expect(prisma().$executeRawUnsafe(`TRUNCATE ${table}`)).rejects.toThrow(/only grows/);
      if (((await places())[table] ?? 0) === 0) continue;
      await expect(prisma().$executeRawUnsafe(`DELETE FROM ${table}`)).rejects.toThrow(/only grows/);
      await expect(prisma().$executeRawUnsafe(`UPDATE ${table} SET request_id = ''`)).rejects.toThrow(/only grows/);
    }
  });

  test('take an event of the version before, and one without an account or a session', async () => {
    const id = '019302aa-0000-7000-8000-00000000000a';
    await prisma().$executeRaw`
      INSERT INTO audit_events (id, name, outcome, subject_id, actor_id, session_ref, organization_id, ip_address, user_agent,
                                request_id, origin, occurred_at)
      VALUES (${id}::uuid, 'login.failed', 'FAILURE', NULL, NULL, NULL, NULL, NULL, NULL, 'r', 'request', ${month(1)})`;
    expect(await prisma().auditEvent.findUnique({ where: { id } })).toMatchObject({ occurredAt: month(1), amr: [] });
    // An id is unique within its month.
    await expect(
      prisma().auditEvent.create({
        data: { id, name: 'x', outcome: 'SUCCESS', requestId: 'r', occurredAt: month(1, 2) },
      }),
    ).rejects.toThrow(/nique constraint/);
  });

  test('are read one after the other, and a page goes on where the last one ended', async () => {
    const { ask } = await someoneWhoReads(latchkey);
    await add(...[-1, 0, 1, 2].flatMap((offset) => [1, 2, 3, 4, 5, 6, 7].map((day) => month(offset, day))));
    // Some are of one moment.
    await add(...[1, 2, 3, 4].map(() => month(1, 4)));
    const ids = async (paging: object) => {
      const { nodes, pageInfo } = await ask({ name: 'LOGIN_COMPLETED', ...paging });
      return { ids: nodes.map(({ id }) => id), pageInfo };
    };
    const { ids: all } = await ids({ first: 100 });
    expect(all).toHaveLength(4 * 7 + 4 + 1);
    const forward: string[] = [];
    for (let after: string | null | undefined = null; ; ) {
      const page: Awaited<ReturnType<typeof ids>> = await ids({ first: 5, after });
      forward.push(...page.ids);
      if (!page.pageInfo.hasNextPage) break;
      after = page.pageInfo.endCursor;
    }
    expect(forward).toEqual(all);
    const backward: string[] = [];
    for (let before: string | null | undefined = null; ; ) {
      const page: Awaited<ReturnType<typeof ids>> = await ids({ last: 5, before });
      backward.unshift(...page.ids);
      if (!page.pageInfo.hasPreviousPage) break;
      before = page.pageInfo.startCursor;
    }
    expect(backward).toEqual(all);
  });
});

test('a page of the audit log reads from the tables of one month', async () => {
  const latchkey = await startLatchkey({ engine: 'postgresql' });
  try {
    const { ask, admin } = await someoneWhoReads(latchkey);
    // A hundred a day in the months that are made, and after and before them.
    await latchkey.app.parts.database.prisma.$executeRaw`
      INSERT INTO audit_events (id, name, outcome, subject_id, actor_id, request_id, occurred_at)
      SELECT gen_random_uuid(), 'login.completed', 'SUCCESS', ${admin.id}::uuid, ${admin.id}::uuid, 'r', at
        FROM generate_series(now() - interval '60 days', now() + interval '150 days', '15 minutes') AS at`;
    await latchkey.app.parts.database.prisma.$executeRaw`ANALYZE audit_events`;
    const [middle] = await latchkey.app.parts.database.prisma.auditEvent.findMany({
      where: { occurredAt: { lt: new Date(Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth() + 1, 15)) } },
      orderBy: { occurredAt: 'desc' },
      take: 1,
    });
    const cursor = Buffer.from(`GPC:S:${middle?.id}`).toString('base64');
    const filters = { subjectId: admin.id, actorId: admin.id, name: 'LOGIN_COMPLETED' };
    for (const filter of [{}, ...Object.entries(filters).map((entry) => Object.fromEntries([entry]))]) {
      for (const paging of [{ first: 20 }, { first: 20, after: cursor }, { last: 20, before: cursor }, { last: 20 }]) {
        const { answer, statements } = await watched(latchkey, () => ask({ ...filter, ...paging }));
        expect(answer.nodes).toHaveLength(20);
        const pages = statements.filter(({ text }) => /FROM "public"\."audit_events".*ORDER BY/.test(text));
        expect(pages).toHaveLength(1);
        for (const { text, values } of pages) {
          const { plan, blocks } = await planOf(latchkey, text, values);
          const read = [...plan.matchAll(/Scan.* on (audit_events_\w+) .*actual time=\S+ rows=(?!0(?:\.0+)? )\S+/g)];
          expect(read.length, plan).toBe(1);
          expect(plan).not.toMatch(/Seq Scan|Merge Append/);
          expect(blocks, plan).toBeLessThanOrEqual(60);
        }
      }
    }
  } finally {
    await latchkey.close();
  }
});

/** An administrator who reads the audit log. */
async function someoneWhoReads(latchkey: Latchkey) {
  const admin = await latchkey.person();
  await latchkey.app.parts.database.prisma.user.update({ where: { id: admin.id }, data: { role: 'admin' } });
  const ask = async (variables: AuditEventsQueryVariables) =>
    (await latchkey.ask(AuditEventsDocument, variables, { bearer: admin.accessToken })).auditEvents;
  return { admin, ask };
}

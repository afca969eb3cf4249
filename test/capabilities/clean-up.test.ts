import { PgBoss } from 'pg-boss';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cleanUp } from '#jobs/clean-up.ts';
import { LoginDocument, RefreshDocument, RegisterDocument } from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';

describe.each(ENGINES)('the clean-up on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine, env: { SESSION_TTL: '30d', AUDIT_RETENTION: '40d' } });
  });
  afterAll(() => latchkey.close());

  test('removes what has reached its retention period, and nothing a day younger', async () => {
    const { prisma } = latchkey.app.parts.database;
    const counts = async () => ({
      users: await prisma.user.count(),
      sessions: await prisma.session.count(),
      challenges: await prisma.challenge.count(),
      // A network from which someone has signed in is good for a week; what was reset goes at once.
      throttles: await prisma.throttle.count({ where: { succeededAt: null, count: { gt: 0 } } }),
      goodNetworks: await prisma.throttle.count({ where: { succeededAt: { not: null } } }),
      formerSlugs: await prisma.formerSlug.count(),
    });
    await latchkey.person();
    const unverified = latchkey.address();
    await latchkey.ask(RegisterDocument, { input: { name: 'Nobody', email: unverified, password: PASSWORD } });
    await latchkey.ask(LoginDocument, { input: { identifier: 'who@example.test', password: 'wrong password here' } });
    const now = latchkey.app.parts.clock();
    const at = (days: number) => new Date(now.getTime() + days * 86_400_000);
    // An operator made this account: its registration is not in the audit log.
    const made = { name: 'Imported', role: 'customer', locale: 'en', createdAt: at(-300), updatedAt: at(-300) };
    await prisma.user.create({ data: { ...made, email: latchkey.address() } });
    const organization = await prisma.organization.create({
      data: { name: 'Acme', slug: `acme-${engine}`, createdAt: now, updatedAt: now },
    });
    await prisma.formerSlug.create({
      data: { slug: `old-${engine}`, organizationId: organization.id, expiresAt: at(10) },
    });
    const before = await counts();
    expect(before).toMatchObject({ users: 3, sessions: 1, challenges: 2, formerSlugs: 1 });
    expect(before.throttles).toBeGreaterThan(0);
    expect(before.goodNetworks).toBeGreaterThan(0);

    await cleanUp(latchkey.app.parts);
    expect(await counts()).toEqual(before);

    // Of the budgets of a wrong password, only the one that counts for 30 days is left.
    latchkey.advance({ days: 3 });
    await cleanUp(latchkey.app.parts);
    expect(await counts()).toEqual({ ...before, challenges: 0, throttles: 1 });

    latchkey.advance({ days: 8 });
    await cleanUp(latchkey.app.parts);
    expect(await counts()).toMatchObject({ users: 3, sessions: 1, formerSlugs: 0, goodNetworks: 0 });

    latchkey.advance({ days: 20 });
    await cleanUp(latchkey.app.parts);
    expect(await counts()).toMatchObject({ users: 2, sessions: 1, throttles: 0 });
    expect(await prisma.user.count({ where: { email: unverified } })).toBe(0);
    expect(await prisma.auditEvent.count()).toBeGreaterThan(0);

    // 14 days of life and 30 more: the session goes on the 45th day.
    latchkey.advance({ days: 10 });
    await cleanUp(latchkey.app.parts);
    expect((await counts()).sessions).toBe(1);
    latchkey.advance({ days: 4 });
    await cleanUp(latchkey.app.parts);
    expect((await counts()).sessions).toBe(0);

    // Events go with their month, which is 31 days at most.
    latchkey.advance({ days: 27 });
    await cleanUp(latchkey.app.parts);
    expect(await prisma.auditEvent.count()).toBe(0);
    expect(latchkey.logged()).not.toContain('clean-up failed');
  });

  test('takes 2,500 rows in batches and waits for none that is held', async () => {
    const { prisma } = latchkey.app.parts.database;
    const gone = new Date(latchkey.app.parts.clock().getTime() - 1000);
    await prisma.throttle.createMany({
      data: Array.from({ length: 2500 }, (_, i) => ({
        key: `k${i}`,
        count: 1,
        capacity: 5,
        maxWait: 0,
        expiresAt: gone,
      })),
    });
    // The embedded database has one connection: nobody else can hold a row there.
    if (engine === 'postgresql') {
      await prisma.$transaction(async (tx) => {
        await tx.$queryRaw`SELECT 1 FROM throttles WHERE key = 'k7' FOR UPDATE`;
        expect(await cleanUp(latchkey.app.parts)).toMatchObject({ throttles: 2499 });
      });
    }
    await cleanUp(latchkey.app.parts);
    expect(await prisma.throttle.count({ where: { key: { startsWith: 'k' } } })).toBe(0);
  });

  test('a task that fails is logged and keeps no other from running', async () => {
    const { parts } = latchkey.app;
    const { prisma } = parts.database;
    await prisma.throttle.create({
      data: { key: 'after a failure', count: 1, capacity: 1, maxWait: 0, expiresAt: new Date(0) },
    });
    await prisma.$executeRaw`ALTER TABLE challenges RENAME TO challenges_elsewhere`;
    const logged = latchkey.logged().length;
    const removed = await cleanUp(parts).finally(
      () => prisma.$executeRaw`ALTER TABLE challenges_elsewhere RENAME TO challenges`,
    );
    expect(removed).toMatchObject({ sessions: expect.any(Number), throttles: 1 });
    expect(removed).not.toHaveProperty('challenges');
    expect(latchkey.logged().slice(logged)).toMatch(/"task":"challenges".*clean-up failed/);
  });

  test('a wait that is not over is kept, although its window has ended', async () => {
    const { prisma } = latchkey.app.parts.database;
    const at = (seconds: number) => new Date(latchkey.app.parts.clock().getTime() + seconds * 1000);
    const row = { count: 9, capacity: 5, maxWait: 300 };
    await prisma.throttle.createMany({
      data: [
        { ...row, key: 'still waits', expiresAt: at(-10), blockedUntil: at(60) },
        { ...row, key: 'waits no more', expiresAt: at(-10), blockedUntil: at(-5) },
      ],
    });
    await cleanUp(latchkey.app.parts);
    const kept = await prisma.throttle.findMany({ where: { key: { contains: 'wait' } } });
    expect(kept.map(({ key }) => key)).toEqual(['still waits']);
    latchkey.advance({ minutes: 2 });
    await cleanUp(latchkey.app.parts);
    expect(await prisma.throttle.count({ where: { key: { contains: 'wait' } } })).toBe(0);
  });

  test('a session in use is never removed, however old it is', async () => {
    let { refreshToken } = await latchkey.person();
    for (let step = 0; step < 2; step++) {
      latchkey.advance({ days: 13 });
      await cleanUp(latchkey.app.parts);
      const { refresh } = await latchkey.ask(RefreshDocument, { input: { refreshToken } });
      if (refresh.__typename !== 'RefreshSuccess') throw new Error(refresh.__typename);
      refreshToken = refresh.tokens.refreshToken ?? '';
    }
  });

  test('is run by the queue, every quarter of an hour, and never twice at once', async () => {
    const { database } = latchkey.app.parts;
    const boss = new PgBoss({ ...database.jobs, schema: 'pgboss', supervise: false, schedule: false });
    await boss.start();
    expect(await boss.getSchedules()).toMatchObject([{ name: 'clean-up', cron: '*/15 * * * *' }]);
    await database.prisma.throttle.create({
      data: { key: 'old', count: 1, capacity: 1, maxWait: 0, expiresAt: new Date(0) },
    });
    const jobs = await Promise.all([1, 2, 3].map(() => boss.send('clean-up', {})));
    expect(jobs.filter((id) => id !== null)).toHaveLength(1);
    await expect.poll(() => database.prisma.throttle.count({ where: { key: 'old' } }), { timeout: 12_000 }).toBe(0);
    await boss.stop({ close: false });
  });
});

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { fromPrisma, PgBoss } from 'pg-boss';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from '#outside/database.ts';
import { createLog } from '#outside/log.ts';
import { ENGINES, freshDatabase } from '../support/database.ts';

const NOON = new Date('2026-07-01T12:00:00.123Z');

function person(email: string) {
  return { name: 'Ada', email, role: 'customer', locale: 'en', createdAt: NOON, updatedAt: NOON };
}

describe.each(ENGINES)('the %s database', (engine) => {
  let database: Database;
  let drop: () => Promise<void>;

  beforeAll(async () => {
    const config = await freshDatabase(engine);
    drop = config.drop;
    database = await openDatabase(config, createLog('silent'));
  });
  afterAll(async () => {
    await database.close();
    await drop();
  });

  test('answers a ping', async () => {
    await database.ping();
  });

  test('gives times back as they were, whatever the time zone of the server', async () => {
    const { id } = await database.prisma.user.create({ data: { ...person('times@example.com'), disabledAt: NOON } });
    const user = await database.prisma.user.findUniqueOrThrow({ where: { id } });
    expect(user.disabledAt).toEqual(NOON);
    const [raw] = await database.prisma.$queryRaw<{ id: string; disabled_at: Date; same: boolean; epoch: number }[]>`
      SELECT id, disabled_at, disabled_at = ${NOON} AS same, extract(epoch FROM disabled_at)::float8 AS epoch
        FROM users WHERE id = ${id}::uuid AND disabled_at >= ${NOON}`;
    expect(raw).toEqual({ id, disabled_at: NOON, same: true, epoch: NOON.getTime() / 1000 });
    const moved = new Date(NOON.getTime() + 1);
    const changed = await database.prisma
      .$executeRaw`UPDATE users SET disabled_at = ${moved} WHERE id = ${id}::uuid AND disabled_at < ${moved}`;
    expect(changed).toBe(1);
    expect((await database.prisma.user.findUniqueOrThrow({ where: { id } })).disabledAt).toEqual(moved);
  });

  test('keeps JSON as it is', async () => {
    const publicJwk = { kty: 'EC', nested: { list: [1, 'two', null, true], quote: `"'\\ü` } };
    const key = { id: randomUUID(), algorithm: 'ES256', privateJwe: 'jwe', createdAt: NOON, activeAt: NOON };
    await database.prisma.signingKey.create({ data: { ...key, publicJwk } });
    const found = await database.prisma.signingKey.findUniqueOrThrow({ where: { id: key.id } });
    expect(found.publicJwk).toEqual(publicJwk);
  });

  test('refuses a second row with a unique value', async () => {
    await database.prisma.user.create({ data: person('twice@example.com') });
    const error = await database.prisma.user.create({ data: person('twice@example.com') }).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'P2002' });
  });

  test('goes on working in a transaction when an insert says ON CONFLICT DO NOTHING', async () => {
    await database.prisma.user.create({ data: person('conflict@example.com') });
    const count = await database.prisma.$transaction(async (tx) => {
      const made = await tx.user.createMany({ data: [person('conflict@example.com')], skipDuplicates: true });
      await tx.user.findFirst({ where: { email: 'conflict@example.com' } });
      return made.count;
    });
    expect(count).toBe(0);
  });

  test('rolls a transaction back as a whole', async () => {
    const attempt = database.prisma.$transaction(async (tx) => {
      await tx.user.create({ data: person('undone@example.com') });
      throw new Error('changed my mind');
    });
    await expect(attempt).rejects.toThrow('changed my mind');
    expect(await database.prisma.user.findUnique({ where: { email: 'undone@example.com' } })).toBeNull();
  });

  test('serves 64 transactions at once, beside plain queries, without losing an update', async () => {
    const { id } = await database.prisma.user.create({ data: person('busy@example.com') });
    await database.prisma.session.create({
      data: {
        id,
        userId: id,
        createdAt: NOON,
        lastUsedAt: NOON,
        expiresAt: NOON,
        absoluteExpiresAt: NOON,
        authenticatedAt: NOON,
      },
    });
    const increments = Array.from({ length: 64 }, () =>
      database.prisma.$transaction(async (tx) => {
        await tx.$queryRaw`SELECT id FROM sessions WHERE id = ${id}::uuid FOR UPDATE`;
        const { generation } = await tx.session.findUniqueOrThrow({ where: { id } });
        await tx.session.update({ where: { id }, data: { generation: generation + 1 } });
      }),
    );
    const reads = Array.from({ length: 64 }, () => database.prisma.user.findUnique({ where: { id } }));
    await Promise.all([...increments, ...reads]);
    expect((await database.prisma.session.findUniqueOrThrow({ where: { id } })).generation).toBe(65);
  });

  test('errors do not quote personal data', async () => {
    const error = await database.prisma.user
      .create({ data: { ...person('private@example.com'), id: 'no uuid' } })
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).not.toContain('private@example.com');
  });

  describe('with the job queue', () => {
    let boss: PgBoss;
    beforeAll(async () => {
      boss = new PgBoss({ ...database.jobs, schema: 'pgboss', supervise: false, schedule: false });
      await boss.start();
      await boss.createQueue('letters');
      await boss.getQueue('letters');
      await boss.send('letters', { warm: true });
    });
    afterAll(() => boss.stop({ graceful: false }));

    test('a job sent in a transaction exists exactly when the transaction is committed', async () => {
      const send = (email: string, fail: boolean) =>
        database.prisma.$transaction(async (tx) => {
          await tx.user.create({ data: person(email) });
          await boss.send('letters', { to: email }, { db: fromPrisma(tx) });
          if (fail) throw new Error('undone');
        });
      await send('kept@example.com', false);
      await expect(send('dropped@example.com', true)).rejects.toThrow('undone');
      const jobs = await boss.fetch<{ to?: string }>('letters', { batchSize: 10 });
      expect(new Set(jobs.map((job) => job.data.to))).toEqual(new Set([undefined, 'kept@example.com']));
      await boss.complete(
        'letters',
        jobs.map((job) => job.id),
      );
    });

    test('many transactions send at once while a worker fetches', async () => {
      const received = new Set<number>();
      const all = Promise.withResolvers<void>();
      await boss.work<{ n: number }>('letters', { pollingIntervalSeconds: 0.5, batchSize: 10 }, async (jobs) => {
        for (const job of jobs) received.add(job.data.n);
        if (received.size === 32) all.resolve();
      });
      await Promise.all(
        Array.from({ length: 32 }, (_, n) =>
          database.prisma.$transaction((tx) => boss.send('letters', { n }, { db: fromPrisma(tx) })),
        ),
      );
      await all.promise;
      expect(received.size).toBe(32);
      await boss.offWork('letters');
    });
  });
});

describe('the postgresql database', () => {
  test('goes on after its connections were cut, also in the middle of a transaction', async () => {
    const config = await freshDatabase('postgresql');
    const database = await openDatabase(config, createLog('silent'));
    await Promise.all(Array.from({ length: 8 }, () => database.ping()));
    const cut = () => database.prisma.$queryRaw`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid()`;
    const transaction = database.prisma.$transaction(async (tx) => {
      await tx.user.create({ data: person('cut@example.com') });
      await cut();
      await tx.user.count();
    });
    await expect(transaction).rejects.toThrow();
    await database.ping();
    expect(await database.prisma.user.count()).toBe(0);
    await database.close();
    await config.drop();
  });

  test('keeps UTC, whatever time zone the URL asks for', async () => {
    const config = await freshDatabase('postgresql');
    if (config.kind !== 'postgresql') throw new Error('not PostgreSQL');
    const url = new URL(config.url);
    url.searchParams.set('options', '-c TimeZone=Asia/Kolkata -c statement_timeout=12345');
    const database = await openDatabase({ ...config, url: url.href }, createLog('silent'));
    const [settings] = await database.query<{ zone: string; timeout: string }>(
      {
        name: 'test-settings',
        text: `SELECT current_setting('TimeZone') AS zone, current_setting('statement_timeout') AS timeout`,
      },
      [],
    );
    expect(settings).toEqual({ zone: 'UTC', timeout: '12345ms' });
    const { id } = await database.prisma.user.create({ data: { ...person('zone@example.com'), disabledAt: NOON } });
    const [row] = await database.query<{ epoch: number }>(
      {
        name: 'test-epoch',
        text: 'SELECT extract(epoch FROM disabled_at)::float8 AS epoch FROM users WHERE id = $1::uuid',
      },
      [id],
    );
    expect(row?.epoch).toBe(NOON.getTime() / 1000);
    await database.close();
    await config.drop();
  });

  test('that cannot be reached is named without its password', async () => {
    const url = 'postgresql://latchkey:geheim@127.0.0.1:1/accounts';
    const database = await openDatabase({ kind: 'postgresql', url, poolSize: 2 }, createLog('silent'));
    const error = await database.openSchemaSession().catch((e: unknown) => e);
    expect(String(error)).toMatch(/PostgreSQL at 127\.0\.0\.1:1\/accounts is not available: .*ECONNREFUSED/);
    expect(String(error)).not.toContain('geheim');
    await expect(database.ping()).rejects.toThrow();
    await database.close();
  });
});

/** What is told of a connection that ends, is an event without a listener if it comes at the wrong moment. */
test.each([
  ['it is checked', 'none', 'statementMs'],
  ['it runs a statement in a transaction of its own', 'transaction', 'random-words'],
] as const)(
  'a connection that is lost while %s is an error of the query, and not the end of the process',
  async (_, pooler, words) => {
    const { drop, ...config } = await freshDatabase('postgresql');
    const url = new URL(config.url);
    const server = { host: url.hostname, port: Number(url.port) };
    const proxy = createServer((near) => {
      const far = connect(server);
      for (const socket of [near, far]) socket.on('error', () => {});
      near.on('data', (chunk) => (chunk.includes(words) ? near.resetAndDestroy() : far.write(chunk)));
      near.on('close', () => far.destroy());
      far.pipe(near);
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    url.port = String((proxy.address() as AddressInfo).port);
    const database = await openDatabase({ ...config, url: url.href, pooler }, createLog('silent'));
    await expect(database.query({ name: 'words', text: `SELECT 'random-words'` }, [])).rejects.toThrow(
      /ECONNRESET|terminated/,
    );
    await database.close();
    proxy.close();
    await drop();
  },
);

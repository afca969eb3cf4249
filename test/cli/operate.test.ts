/** `latchkey audit`, `doctor` and `mail`, and commands run as separate processes. */
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LoginDocument } from '../generated/graphql.ts';
import { operatorEnv, runLatchkey } from '../support/command.ts';
import { emptyPostgresql } from '../support/database.ts';
import { type Latchkey, SECRET, startLatchkey } from '../support/latchkey.ts';
import { dataDirectory, inherited, PREPARED, startService } from '../support/process.ts';

let latchkey: Latchkey;
beforeAll(async () => {
  latchkey = await startLatchkey({ engine: 'postgresql' });
});
afterAll(() => latchkey.close());

const run = (typed: string[], env: Record<string, string> = {}) =>
  runLatchkey(typed, { env: { ...operatorEnv(latchkey), ...env } });

describe('audit', () => {
  test('shows the events of an account, newest first, page by page, without secrets', async () => {
    const person = await latchkey.person();
    await latchkey.ask(LoginDocument, { input: { identifier: person.email, password: 'wrong' } });
    const names: string[] = [];
    for (let after: string | null = null, pages = 0; pages === 0 || after !== null; pages += 1) {
      const place: string[] = after === null ? [] : ['--after', after];
      const { stdout } = await run(['audit', '--user', person.email, '--limit', '2', '--json', ...place]);
      expect(stdout).not.toContain(person.sessionId);
      const page = JSON.parse(stdout);
      names.push(...page.events.map(({ name }: { name: string }) => name));
      after = page.next;
    }
    // Verification and the new team happen at the same moment, so their order is not fixed.
    const simultaneous = names.splice(2, 2);
    expect(names).toEqual(['login.failed', 'login.completed', 'register.completed']);
    expect(simultaneous.sort()).toEqual(['create_organization.completed', 'verify_email.completed']);
    const only = await run(['audit', '--user', person.id, '--name', 'login.failed', '--since', '1h', '--json']);
    expect(JSON.parse(only.stdout).events).toMatchObject([
      { name: 'login.failed', outcome: 'FAILURE', subjectId: person.id },
    ]);
    const none = await run(['audit', '--user', person.id, '--until', '2020-01-01T00:00:00Z']);
    expect(none).toMatchObject({ code: 0, stdout: 'No matching events.\n' });
  });

  test.each([
    [['--name', 'nothing.happened'], 'There is no event `nothing.happened`'],
    [['--since', 'yesterday'], '--since must be a time'],
    [['--since', '999999d'], '--since must be a time'],
    [['--until', '0000-01-01'], '--until must be a time'],
    [['--limit', 'all'], '--limit must be a whole number'],
    [['--after', '7'], '--after must be the id'],
  ])('%j is a mistake', async (typed, sentence) => {
    expect(await run(['audit', ...typed])).toMatchObject({ code: 2, stderr: expect.stringContaining(sentence) });
  });
});

describe('doctor', () => {
  const examine = async (env: Record<string, string> = {}) => {
    const { code, stdout } = await run(['doctor', '--json'], env);
    const { checks } = JSON.parse(stdout);
    const said = (check: string) => checks.find((it: { check: string }) => it.check === check);
    return { code, said, all: checks.map(({ check, status }: Record<string, string>) => `${check} ${status}`) };
  };

  test('finds nothing wrong with a running service', async () => {
    const { code, all } = await examine();
    const fine = [
      'settings',
      'database',
      'migrations',
      'keys',
      'clock',
      'audit log',
      'mail queue',
      'mail',
      'budgets',
    ].map((it) => `${it} ok`);
    // A PUBLIC_URL with https on PostgreSQL looks like production.
    expect([code, all]).toEqual([0, ['settings warn', ...fine.slice(1)]]);
  });

  test('names the budgets that refuse someone now, and for how many, and not who', async () => {
    const people = [await latchkey.person(), await latchkey.person()];
    for (const [at, { email }] of people.entries()) {
      const input = { identifier: email, password: 'wrong' };
      for (let guess = 0; guess < 5; guess++) await latchkey.ask(LoginDocument, { input }, { ip: `10.8.0.${at}` });
    }
    const { code, said } = await examine();
    expect([code, said('budgets').status]).toEqual([0, 'ok']);
    expect(said('budgets').message).toMatch(/^refusing now: (?:[\w-]+ \(\d+\), )*login-account \(2\)/);
    await latchkey.app.parts.database.prisma.throttle.deleteMany();
    expect((await examine()).said('budgets').message).toMatch(/^\d+, none of them exhausted$/);
  });

  test('missing months of the audit log are a warning, and migrate makes them', async () => {
    const { prisma } = latchkey.app.parts.database;
    await prisma.$executeRaw`
      DO $$
      DECLARE
        next_month timestamptz := date_trunc('month', now()) + interval '1 month';
        made text;
      BEGIN
        FOR made IN SELECT part FROM audit_parts() WHERE starts >= next_month LOOP
          EXECUTE format('DROP TABLE %I', made);
        END LOOP;
        PERFORM add_audit_part(next_month, 'infinity');
      END $$`;
    const event = { name: 'login.completed', outcome: 'SUCCESS', requestId: 'r' };
    const occurredAt = new Date(Date.now() + 40 * 86_400_000);
    const { id } = await prisma.auditEvent.create({ data: { ...event, occurredAt } });
    const before = await examine();
    expect([before.code, before.said('audit log').status]).toEqual([0, 'warn']);
    expect(before.said('audit log').message).toMatch(/^There is no month from \d{4}-\d\d-01 on\./);

    const { code, stdout } = await run(['migrate']);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^Created for the audit log: (?:audit_events_\d{4}_\d\d(, )?){3}$/m),
    ]);
    expect((await examine()).said('audit log').status).toBe('ok');
    const [place] = await prisma.$queryRaw<{ part: string }[]>`
      SELECT tableoid::regclass::text AS part FROM audit_events WHERE id = ${id}::uuid`;
    expect(place?.part).toBe(`audit_events_${occurredAt.toISOString().slice(0, 7).replace('-', '_')}`);
    expect((await run(['migrate'])).stdout).toBe('The database is up to date.\n');
  });

  test('a SECRET that does not decrypt the keys fails, and nothing is changed', async () => {
    const { prisma } = latchkey.app.parts.database;
    const before = await prisma.signingKey.findMany();
    const { code, said } = await examine({ SECRET: `another ${SECRET}` });
    expect([code, said('keys').status]).toEqual([1, 'fail']);
    expect(said('keys').message).toContain('cannot be decrypted with this SECRET');
    expect(await prisma.signingKey.findMany()).toEqual(before);
  });

  test('an unreachable mail server fails, and the password in its URL is not shown', async () => {
    const { code, said } = await examine({ SMTP_URL: 'smtp://user:hunter2@127.0.0.1:1' });
    expect([code, said('mail').status]).toEqual([1, 'fail']);
    expect(said('mail').message).toContain('127.0.0.1:1');
    expect(said('mail').message).not.toContain('hunter2');
  });

  test('an unreachable database fails, and the password in its URL is not shown', async () => {
    const { code, said } = await examine({ DATABASE_URL: 'postgresql://user:hunter2@127.0.0.1:1/nowhere' });
    expect([code, said('database').status]).toEqual([1, 'fail']);
    expect(said('database').message).toMatch(/^Cannot use PostgreSQL at 127\.0\.0\.1:1\/nowhere: /);
    expect(said('database').message).not.toContain('hunter2');
  });

  test('an empty database is only a warning, and stays empty', async () => {
    const { url, drop } = await emptyPostgresql();
    const { code, said } = await examine({ DATABASE_URL: url });
    expect([code, said('migrations').status, said('keys').status]).toEqual([0, 'warn', 'warn']);
    expect(said('migrations').message).toContain('_init');
    expect((await examine({ DATABASE_URL: url })).said('migrations').status).toBe('warn');
    await drop();
  });

  test('a database migrated by a newer version fails', async () => {
    const { prisma } = latchkey.app.parts.database;
    await prisma.$executeRaw`INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('x', 'x', '29991231000000_future', now())`;
    const { code, said } = await examine();
    await prisma.$executeRaw`DELETE FROM _prisma_migrations WHERE id = 'x'`;
    expect([code, said('migrations').status]).toEqual([1, 'fail']);
    expect(said('migrations').message).toContain('29991231000000_future');
  });

  test('names every invalid setting', async () => {
    const { code, stdout } = await run(['doctor'], { PORT: 'x', JWT_ALG: 'none' });
    expect([code, stdout.match(/FAIL {2}settings +\w+/g)?.map((line) => line.split(/ +/)[2])]).toEqual([
      1,
      ['PORT', 'JWT_ALG'],
    ]);
  });

  test('before the first start with an embedded database it creates nothing', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'latchkey-doctor-'));
    const { code, stdout } = await runLatchkey(['doctor', '--json'], { env: { DATA_DIR: join(directory, 'data') } });
    expect([code, JSON.parse(stdout).checks[2]]).toMatchObject([0, { check: 'database', status: 'warn' }]);
    expect(await rm(join(directory, 'data')).catch(({ code: reason }) => reason)).toBe('ENOENT');
    if (process.getuid?.() !== 0) {
      await chmod(directory, 0o500);
      const refused = await runLatchkey(['doctor'], { env: { DATA_DIR: join(directory, 'data') } });
      expect([refused.code, refused.stdout]).toEqual([1, expect.stringContaining('FAIL  data directory')]);
      await chmod(directory, 0o700);
    }
    await rm(directory, { recursive: true });
  });
});

test('emails that were given up are listed with the reason, and can be queued again', async () => {
  const { database } = latchkey.app.parts;
  const person = await latchkey.person();
  const data = JSON.stringify({ mail: 'already-registered', userId: person.id });
  await database.prisma.$executeRaw`
    INSERT INTO pgboss.job (name, data, source_name, source_id, source_created_on, source_retry_count, source_output)
    VALUES ('mail-dead-letter', ${data}::jsonb, 'mail', gen_random_uuid(), now() - interval '1 day', 39,
            '{"message": "SMTP EENVELOPE: no such mailbox"}'::jsonb)`;
  const listed = JSON.parse((await run(['mail', 'list', '--json'])).stdout);
  expect(listed.mails).toMatchObject([
    { mail: 'already-registered', state: 'given up', attempts: 40, lastError: 'SMTP EENVELOPE: no such mailbox' },
  ]);
  expect(JSON.parse((await run(['doctor', '--json'])).stdout).checks).toContainEqual(
    expect.objectContaining({ check: 'mail queue', status: 'warn' }),
  );
  const before = latchkey.smtp.mails.length;
  expect((await run(['mail', 'retry'])).stdout).toBe('Emails queued again: 1.\n');
  await latchkey.smtp.waitForMail(() => latchkey.smtp.mails.length > before);
  expect((await run(['mail', 'retry', '--json'])).stdout.trim()).toBe('{\n  "queued": 0\n}');
});

describe('as a separate process', () => {
  const latchkeyProcess = (typed: string[], env: Record<string, string>) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      const options = { env: { ...inherited(), ...env }, timeout: 60_000 };
      execFile(process.execPath, [...PREPARED, 'src/cli.ts', ...typed], options, (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
      );
    });

  test('while a service has the embedded database open it says so in one line; afterwards it works', async () => {
    const { path, drop } = await dataDirectory('migrated');
    const env = { DATA_DIR: path, HASH_MEMORY_KIB: '64', HASH_ITERATIONS: '1' };
    const service = await startService({ DATA_DIR: path });
    const refused = await latchkeyProcess(['users', 'list'], env);
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toMatch(/^The database in .* is in use by process \d+\. Stop it, .*PostgreSQL.*\n$/);
    await service.stop();

    const made = await latchkeyProcess(
      ['users', 'create', '--email', 'ada@example.test', '--name', 'Ada', '--json'],
      env,
    );
    expect([made.code, made.stderr, JSON.parse(made.stdout).mail]).toEqual([0, '', 'reset-password']);
    const listed = await latchkeyProcess(['users', 'list', '--json'], env);
    expect(JSON.parse(listed.stdout).users).toMatchObject([{ email: 'ada@example.test' }]);
    await drop();
  }, 90_000);
});

/** The audit log survives its own service: its role cannot undo the rule that protects it, and log lines are a copy. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { audit } from '#core/audit.ts';
import { contextWithoutRequest, inTransaction } from '#core/context.ts';
import { cleanUp } from '#jobs/clean-up.ts';
import { LogoutDocument, UpdateProfileDocument } from '../generated/graphql.ts';
import { runLatchkey } from '../support/command.ts';
import { ENGINES, emptyPostgresql, type FreshDatabase } from '../support/database.ts';
import { type Latchkey, SECRET, startLatchkey } from '../support/latchkey.ts';

describe('with the roles of deploy/postgresql-roles.sql', () => {
  const [owner, service, reader] = ['owner', 'service', 'reader'].map(
    (it) => `latchkey_${it}_${randomBytes(6).toString('hex')}`,
  );
  const password = 'only-for-tests';
  let database: FreshDatabase<'postgresql'>;
  let latchkey: Latchkey;

  const as = (role: string | undefined, from = database.url) => {
    const url = new URL(from);
    url.username = role ?? '';
    url.password = password;
    return url.href;
  };
  const run = async (url: string, statement: string) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return await client.query(statement);
    } finally {
      await client.end();
    }
  };

  beforeAll(async () => {
    database = await emptyPostgresql();
    const script = readFileSync('deploy/postgresql-roles.sql', 'utf8')
      .replaceAll('latchkey_owner', '@owner')
      .replaceAll(/\blatchkey\b/g, service ?? '')
      .replaceAll('@owner', owner ?? '');
    await run(database.url, script);
    for (const role of [owner, service]) await run(database.url, `ALTER ROLE ${role} PASSWORD '${password}'`);
    const env = { DATABASE_URL: as(service), DATABASE_DIRECT_URL: as(owner), SECRET };
    expect(await runLatchkey(['migrate'], { env })).toMatchObject({ code: 0, stderr: '' });
    latchkey = await startLatchkey({
      engine: 'postgresql',
      reachedAt: (url) => {
        url.href = as(service);
      },
    });
  });
  afterAll(async () => {
    await latchkey?.close();
    await database?.drop();
    await run(inject('postgresqlUrl'), `DROP ROLE ${owner}; DROP ROLE ${service}; DROP ROLE IF EXISTS ${reader}`);
  });

  test('the service works without a right to change the schema, from registration to clean-up', async () => {
    const person = await latchkey.person();
    await latchkey.ask(UpdateProfileDocument, { input: { name: 'Grace' } }, { bearer: person.accessToken });
    await latchkey.ask(LogoutDocument, { input: { refreshToken: person.refreshToken } });
    await latchkey.restart();
    await cleanUp(latchkey.app.parts);
    expect((await latchkey.fetch('/readyz')).status).toBe(200);
    expect(latchkey.logged()).not.toMatch(/"level":"(?:error|fatal)"/);
  });

  test('and turns the months of the audit log', async () => {
    const months = async () =>
      (await run(database.url, 'SELECT part FROM audit_parts()')).rows.map(({ part }): string => part);
    const before = await months();
    latchkey.advance({ days: 600 });
    await cleanUp(latchkey.app.parts);
    const after = await months();
    expect(after.filter((part) => before.includes(part))).toEqual(['audit_events_past', 'audit_events_future']);
    expect((await run(database.url, 'SELECT count(*)::int AS count FROM audit_events')).rows).toEqual([{ count: 0 }]);
    expect(latchkey.logged()).not.toMatch(/"level":"(?:error|fatal)"|clean-up failed/);
  });

  test('and someone who may only read it cannot: the rights of the owner are lent to the service alone', async () => {
    await latchkey.person();
    await run(database.url, `CREATE ROLE ${reader} LOGIN PASSWORD '${password}'`);
    await run(database.url, `GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${reader}`);
    const late = "now() + interval '9 years'";
    for (const statement of [`CALL drop_audit_months(${late}, NULL)`, `SELECT make_audit_months(${late})`]) {
      await expect(run(as(reader), statement), statement).rejects.toThrow('permission denied for audit_events');
    }
    // Not even the service can drop events within a query.
    await expect(run(as(service), `SELECT drop_audit_months(${late}, NULL)`)).rejects.toThrow('is a procedure');
  });

  test.each([
    'ALTER TABLE audit_events DETACH PARTITION audit_events_past',
    'DROP TABLE audit_events_past',
    'TRUNCATE audit_events_past',
    'DROP FUNCTION make_audit_months',
    "SELECT add_audit_part('1999-01-01', '1999-02-01')",
    'DROP TRIGGER audit_events_only_grow ON audit_events',
    'ALTER TABLE audit_events DISABLE TRIGGER ALL',
    'ALTER TABLE audit_events RENAME TO gone',
    'DROP TABLE audit_events',
    'TRUNCATE audit_events',
    'DROP FUNCTION audit_events_only_grow CASCADE',
    "CREATE OR REPLACE FUNCTION audit_events_only_grow() RETURNS trigger LANGUAGE sql AS 'SELECT NULL'",
    "SET session_replication_role = 'replica'",
    "UPDATE audit_events SET name = 'login.completed'",
    'DELETE FROM audit_events',
    'CREATE TABLE public.more (id int)',
    'CREATE SCHEMA more',
    'DROP SCHEMA pgboss CASCADE',
  ])('and cannot change the audit log: %s', async (statement) => {
    await latchkey.person();
    const count = async () => Number((await run(database.url, 'SELECT count(*) FROM audit_events')).rows[0]?.count);
    const before = await count();
    await expect(run(as(service), statement)).rejects.toThrow(/permission denied|must be owner|only grows/);
    expect(await count()).toBe(before);
  });
});

describe.each(ENGINES)('with AUDIT_LOG on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine, env: { AUDIT_LOG: 'on', LOG_LEVEL: 'error' } });
  });
  afterAll(() => latchkey.close());

  const logged = () =>
    latchkey
      .logged()
      .split('\n')
      .filter((line) => line.includes('"msg":"audit"'))
      .map((line): { event: Record<string, unknown> } => JSON.parse(line));

  test('every event is a log line as well, whatever the level, and holds no secret', async () => {
    const person = await latchkey.person();
    for (let i = 0; i < 3; i += 1) {
      await latchkey.ask(UpdateProfileDocument, { input: { name: `Ada ${i}` } }, { bearer: person.accessToken });
    }
    const rows = await latchkey.app.parts.database.prisma.auditEvent.findMany();
    const stored = rows.map(({ id, name, outcome, subjectId, occurredAt }) => {
      return { id, name, outcome, subjectId, occurredAt: occurredAt.toISOString() };
    });
    const lines = logged().map(({ event: { id, name, outcome, subjectId, occurredAt } }) => {
      return { id, name, outcome, subjectId, occurredAt };
    });
    const byId = (one: { id: unknown }, other: { id: unknown }) => (String(one.id) < String(other.id) ? -1 : 1);
    expect(lines.toSorted(byId)).toEqual(stored.toSorted(byId));
    expect(stored.map(({ name }) => name)).toContain('login.completed');
    for (const secret of [person.email, person.accessToken, person.refreshToken, 'Ada Example', person.sessionId]) {
      expect(JSON.stringify(logged())).not.toContain(secret);
    }
  });

  test('what is rolled back is not logged', async () => {
    const person = await latchkey.person();
    const before = logged().length;
    const change = (end: () => void) =>
      inTransaction(contextWithoutRequest(latchkey.app.parts, 'schedule'), async (tx) => {
        await audit(tx, 'update_profile.completed', person.id);
        expect(logged()).toHaveLength(before);
        end();
      });
    const undo = () => {
      throw new Error('rolled back');
    };
    await expect(change(undo)).rejects.toThrow('rolled back');
    expect(logged()).toHaveLength(before);
    await change(() => {});
    expect(logged()).toHaveLength(before + 1);
  });
});

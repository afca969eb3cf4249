/**
 * Backups by PostgreSQL's own tools, as docs/operations.md names them, and `latchkey restored` after them: pg_dump, and
 * a base backup with an archive of the WAL. Where the tools are not installed, the tests say that they are skipped.
 */
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  LoginDocument,
  LogoutDocument,
  MeDocument,
  RefreshDocument,
  RequestPasswordResetDocument,
  ResetPasswordDocument,
} from '../generated/graphql.ts';
import { operatorEnv, runLatchkey } from '../support/command.ts';
import { type Latchkey, PASSWORD, type Person, startLatchkey } from '../support/latchkey.ts';
import { type ArchivingServer, startArchivingServer } from '../support/postgresql-server.ts';
import { POSTGRESQL_TOOLS, runPostgresqlTool } from '../support/postgresql-tools.ts';
import { elsewhere } from '../support/second-factor.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const NEW_PASSWORD = 'another horse, battery and staple';

describe.skipIf(POSTGRESQL_TOOLS === null)('a backup by the tools of PostgreSQL', () => {
  let server: ArchivingServer;
  let latchkey: Latchkey;
  let early: Person;
  beforeAll(async () => {
    server = await startArchivingServer(POSTGRESQL_TOOLS ?? '');
    latchkey = await startLatchkey({ on: { kind: 'postgresql', url: server.url, poolSize: 5 } });
    early = await latchkey.person();
  });
  afterAll(async () => {
    await latchkey?.close();
    await server?.stop();
  });

  const query = async <Row extends object>(url: string, statement: string): Promise<Row[]> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query<Row>(statement);
    await client.end();
    return rows;
  };
  const refresh = async (service: Latchkey, { refreshToken }: Person) =>
    (await service.ask(RefreshDocument, { input: { refreshToken } }, elsewhere())).refresh.__typename;
  const login = async (service: Latchkey, { email }: Person, password: string) =>
    (await service.ask(LoginDocument, { input: { identifier: email, password } }, elsewhere())).login.__typename;
  const isSignedIn = async (service: Latchkey, { accessToken }: Person) =>
    ((await service.send(MeDocument, {}, { bearer: accessToken })).errors ?? []).length === 0;
  const logout = (person: Person) => latchkey.ask(LogoutDocument, { input: { refreshToken: person.refreshToken } });

  /** The service on the restored database, after the command, and what the command said. */
  const restored = async (url: string, ...options: string[]) => {
    const env = { ...operatorEnv(latchkey), DATABASE_URL: url };
    const { code, stdout, stderr } = await runLatchkey(['restored', '--json', ...options], { env });
    expect([code, stderr]).toEqual([0, '']);
    const service = await startLatchkey({ on: { kind: 'postgresql', url, poolSize: 5 } });
    return { service, said: JSON.parse(stdout) };
  };
  /** How many sessions are open in a database. */
  const openSessions = async (url: string, { id }: Person) =>
    (await query(url, `SELECT id FROM sessions WHERE user_id = '${id}' AND ended_at IS NULL`)).length;

  test('pg_dump and pg_restore bring everything back, and what was revoked meanwhile stays revoked', async () => {
    const leaver = await latchkey.person();
    const file = join(server.scratch, 'latchkey.dump');
    runPostgresqlTool('pg_dump', '--format=custom', `--file=${file}`, server.url);
    await logout(leaver);
    const late = await latchkey.person();

    const url = new URL(server.url);
    url.pathname = '/restored';
    await query(server.url, 'CREATE DATABASE restored');
    runPostgresqlTool('pg_restore', '--exit-on-error', `--dbname=${url.href}`, file);
    // The backup does not know of the sign-out.
    expect(await openSessions(server.url, leaver)).toBe(0);
    expect(await openSessions(url.href, leaver)).toBe(1);
    const { service, said } = await restored(url.href, '--keep-passwords');
    expect(said).toMatchObject({ sessions: 2, passwords: 0 });
    for (const person of [early, leaver]) {
      expect(await refresh(service, person)).toBe('SessionEndedError');
      expect(await isSignedIn(service, person)).toBe(false);
      expect(await login(service, person, PASSWORD)).toBe('LoginSuccess');
    }
    expect(await login(service, late, PASSWORD)).toBe('InvalidCredentialsError');
    await service.close();
    // The original goes on.
    expect(await refresh(latchkey, early)).toBe('RefreshSuccess');
  });

  test('a base backup and the archived WAL bring back a moment, and what was revoked after it stays revoked', async () => {
    runPostgresqlTool('pg_basebackup', `--pgdata=${server.backup}`, '--checkpoint=fast', `--dbname=${server.url}`);
    const [leaver, other] = [await latchkey.person(), await latchkey.person()];
    await query(server.url, "SELECT pg_create_restore_point('the moment')");
    await logout(leaver);
    const late = await latchkey.person();
    await server.archive();

    const { url, stop } = await server.recoverTo('the moment');
    expect(await openSessions(url, leaver)).toBe(1);
    const { service, said } = await restored(url);
    expect(said.passwords).toBeGreaterThanOrEqual(3);
    for (const person of [leaver, other]) {
      expect(await refresh(service, person)).toBe('SessionEndedError');
      expect(await isSignedIn(service, person)).toBe(false);
      expect(await login(service, person, PASSWORD)).toBe('InvalidCredentialsError');
    }
    const { email } = other;
    await service.ask(RequestPasswordResetDocument, { input: { email } });
    const { code } = await service.mailTo(email);
    const input = { email, code, newPassword: NEW_PASSWORD };
    expect((await service.ask(ResetPasswordDocument, { input })).resetPassword.__typename).toBe('ResetPasswordSuccess');
    expect(await login(service, other, NEW_PASSWORD)).toBe('LoginSuccess');
    expect(await login(service, late, PASSWORD)).toBe('InvalidCredentialsError');
    await service.close();
    await stop();
  });
});

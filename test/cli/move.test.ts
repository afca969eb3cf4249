/** `latchkey export --all` and `import --all`: the way from one engine to the other, and back. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { acceptedSecrets } from '#core/secrets.ts';
import { exportLines } from '#outside/import-export/export-file.ts';
import {
  LoginDocument,
  MeDocument,
  RefreshDocument,
  RegisterDocument,
  VerifyEmailDocument,
} from '../generated/graphql.ts';
import { stoppedServiceEnv } from '../support/backup.ts';
import { runLatchkey } from '../support/command.ts';
import { dump } from '../support/dump.ts';
import { type Latchkey, PASSWORD, type Person, startLatchkey } from '../support/latchkey.ts';
import { challengeOf, type Protected, protectedPerson } from '../support/second-factor.ts';

const DIRECTIONS = [
  ['embedded', 'postgresql'],
  ['postgresql', 'embedded'],
] as const;

describe.each(DIRECTIONS)('from %s to %s', (from, to) => {
  let source: Latchkey;
  let target: Latchkey;
  let person: Person;
  let guarded: Protected;
  let waiting: string;
  let before: string[];
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-move-'));
  const file = join(folder, 'everything');

  const run = (latchkey: Latchkey, words: readonly string[], env: Record<string, string> = {}) =>
    runLatchkey(words, { env: { ...stoppedServiceEnv(latchkey), ...env } });
  const rowsOf = async (latchkey: Latchkey) =>
    (await dump(latchkey)).split('\n').filter((row) => row.includes(person.id) && !row.includes('"__state'));

  beforeAll(async () => {
    [source, target] = [await startLatchkey({ engine: from }), await startLatchkey({ engine: to })];
    person = await source.person({ username: `mover${process.pid}` });
    guarded = await protectedPerson(source);
    // Events of several months, also of some that the other database has not made.
    const event = { name: 'login.completed', outcome: 'SUCCESS', subjectId: person.id, requestId: 'r' };
    const data = [-400, -40, 40, 400].map((days) => ({
      ...event,
      occurredAt: new Date(Date.now() + days * 86_400_000),
    }));
    await source.app.parts.database.prisma.auditEvent.createMany({ data });
    waiting = source.address();
    await source.smtp.pause();
    const input = { name: 'Waiting \u{1F41D} "quoted" \\', email: waiting, password: PASSWORD };
    const { register } = await source.ask(RegisterDocument, { input });
    expect(register.__typename).toBe('RegisterSuccess');
    before = await rowsOf(source);
  });
  afterAll(async () => {
    await Promise.all([source.close(), target.close()]);
    rmSync(folder, { recursive: true });
  });

  test('a file is written for its owner only, once, and without a secret that opens anything', async () => {
    await source.restart(async () => {
      expect(await run(source, ['export', file])).toMatchObject({ code: 2 });
      expect(await run(source, ['export', '--all', file])).toMatchObject({ code: 0, stdout: '' });
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect((await run(source, ['export', '--all', file])).stderr).toContain('exists already');
    });
    const text = readFileSync(file, 'utf8');
    for (const secret of [PASSWORD, person.refreshToken, person.accessToken, guarded.secret])
      expect(text).not.toContain(secret);
  });

  test('a file that is damaged, or of another SECRET changes nothing', async () => {
    const text = readFileSync(file, 'utf8');
    const lines = text.split('\n');
    const variants = {
      'is incomplete': lines.slice(0, -4).join('\n'),
      'was changed': text.replace(/"name":"Ada Example"/, '"name":"Eve Example"'),
      'was not written by': 'email,name\n',
      'another SECRET': text.replace(/"check":"[^"]+"/, '"check":"AAAA"'),
    };
    await target.restart(async () => {
      for (const [problem, content] of Object.entries(variants)) {
        const damaged = join(folder, 'damaged');
        writeFileSync(damaged, content);
        const said = await run(target, ['import', '--all', damaged]);
        expect([said.code, said.stdout]).toEqual([1, '']);
        expect(said.stderr).toContain(problem);
      }
      expect((await run(target, ['import', '--all', join(folder, 'nowhere')])).stderr).toContain('cannot be read');
    });
    expect(await target.app.parts.database.prisma.user.count()).toBe(0);
  });

  test('a file of another version, or of another build of this one, is refused with what to do', async () => {
    const header = JSON.parse(readFileSync(file, 'utf8').split('\n')[0] ?? '');
    const [key] = acceptedSecrets(source.app.parts.secrets).map((derived) => derived.export);
    if (key === undefined) throw new Error('no key');
    const { version, migrations, exportedAt } = header;
    const last = migrations.at(-1);
    const older = join(folder, 'older');
    const nothing = (async function* () {})();
    const refusal = async (changed: Partial<typeof header>) => {
      const lines = await Array.fromAsync(exportLines({ version, migrations, exportedAt, ...changed }, nothing, key));
      writeFileSync(older, lines.join(''));
      const { code, stdout, stderr } = await run(target, ['import', '--all', older]);
      expect([code, stdout]).toEqual([1, '']);
      return stderr.trim();
    };
    const end = 'Nothing was changed.';
    await target.restart(async () => {
      for (const other of ['0.1.0', '99.0.0']) {
        expect(await refusal({ version: other, migrations: migrations.slice(0, -1) })).toBe(
          `${older} is of version ${other}, and this is ${version}. Import it with version ${other}, and then update. ${end}`,
        );
      }
      expect(await refusal({ migrations: migrations.slice(0, -1) })).toBe(
        `${older} lacks migrations that are known here: ${last}. Use the same build. ${end}`,
      );
      expect(await refusal({ migrations: [...migrations, '20990101000000_later'] })).toBe(
        `${older} has migrations that are unknown here: 20990101000000_later. Use the same build. ${end}`,
      );
    });
    expect(await target.app.parts.database.prisma.user.count()).toBe(0);
  });

  test('people stay signed in, sign in with their password and second factor, and get the email that waited', async () => {
    // The clock of the source was moved while the person was made.
    target.advance({ minutes: 2 });
    await target.restart(async () => {
      expect((await run(target, ['import', '--all', file])).code).toBe(0);
    });
    expect(new Set(await rowsOf(target))).toEqual(new Set(before));
    const { me } = await target.ask(MeDocument, {}, { bearer: person.accessToken });
    expect(me?.id).toBe(person.id);
    const { refresh } = await target.ask(RefreshDocument, { input: { refreshToken: person.refreshToken } });
    expect(refresh.__typename).toBe('RefreshSuccess');
    const { login } = await target.ask(LoginDocument, { input: { identifier: person.email, password: PASSWORD } });
    expect(login.__typename).toBe('LoginSuccess');
    expect(await challengeOf(target, guarded)).toMatch(/^[\w-]+$/);
    // It was tried a few times meanwhile; it need not wait for its next turn.
    await target.app.parts.database.prisma.$executeRaw`UPDATE pgboss.job SET start_after = now() WHERE state = 'retry'`;
    const { code } = await target.mailTo(waiting);
    const { verifyEmail } = await target.ask(VerifyEmailDocument, { input: { email: waiting, code } });
    expect(verifyEmail.__typename).toBe('VerifyEmailSuccess');
  });

  test('a database that is in use is not overwritten', async () => {
    const users = await target.app.parts.database.prisma.user.count();
    await target.restart(async () => {
      const said = await run(target, ['import', '--all', file]);
      expect([said.code, said.stdout]).toEqual([1, '']);
      expect(said.stderr).toContain('is in use');
    });
    expect(await target.app.parts.database.prisma.user.count()).toBe(users);
  });
});

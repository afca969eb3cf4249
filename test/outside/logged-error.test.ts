import { globSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, startLatchkey } from '../support/latchkey.ts';

describe.each(ENGINES)('errors in the log on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
  });
  afterAll(() => latchkey.close());

  const HASH = '$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g';
  const person = (email: string) => {
    const at = new Date();
    return {
      name: 'Ada Private',
      email,
      passwordHash: HASH,
      role: 'customer',
      locale: 'en',
      createdAt: at,
      updatedAt: at,
    };
  };
  /** The line that an error makes. */
  const logged = async (work: () => Promise<unknown>) => {
    const error = await work().then(
      () => expect.fail('nothing failed'),
      (thrown: unknown) => thrown,
    );
    const before = latchkey.logged().length;
    latchkey.app.parts.log.error({ err: error }, 'unexpected error');
    return latchkey.logged().slice(before);
  };
  const prisma = () => latchkey.app.parts.database.prisma;

  test('name the constraint that was violated, and no row', async () => {
    await prisma().$executeRaw`ALTER TABLE users ADD CONSTRAINT users_email_lower CHECK (email = lower(email))`;
    const write = (email: string) => prisma().user.create({ data: person(email) });
    await write('twice@example.test');
    const lines = [
      await logged(() => write('PRIVATE@example.test')),
      await logged(() => write('twice@example.test')),
      await logged(
        () => prisma().$executeRaw`INSERT INTO users (id, email) VALUES (gen_random_uuid(), 'private@example.test')`,
      ),
      await logged(() =>
        latchkey.app.parts.database.query(
          { name: 'test-check', text: `UPDATE users SET email = upper(email) WHERE email = 'twice@example.test'` },
          [],
        ),
      ),
    ];
    for (const line of lines) {
      expect(line).toMatch(/"stack":"\s+at /);
      expect(line).not.toMatch(/twice@|private@|argon2|Ada Private/i);
    }
    expect(lines.join()).toContain('users_email_lower');
    expect(lines.join()).toContain('"sqlState":"23514"');
    await prisma().$executeRaw`ALTER TABLE users DROP CONSTRAINT users_email_lower`;
  });

  test('quote no argument and no value', async () => {
    const lines = [
      await logged(() => prisma().user.create({ data: { ...person('private@example.test'), id: 'no uuid' } })),
      await logged(() =>
        prisma().user.create({ data: { ...person('private@example.test'), noSuchField: 'private too' } as never }),
      ),
      await logged(() => prisma().$queryRaw`SELECT ${'private@example.test'}::uuid`),
      await logged(() => prisma().$queryRaw`SELECT ${'private@example.test'}::timestamptz`),
    ];
    for (const line of lines) expect(line).not.toMatch(/private|no uuid|argon2/i);
  });

  test('say what is missing in the schema, which names nobody', async () => {
    expect(await logged(() => prisma().$queryRaw`SELECT * FROM nothing_here`)).toContain('nothing_here');
    const caused = new Error('a step failed', { cause: new Error('the reason') });
    const line = await logged(() => Promise.reject(caused));
    expect(line).toContain('a step failed');
    expect(line).toContain('the reason');
  });

  test.each([
    '/api/verify-email/THE-SECRET',
    '/api/verify%2Demail/THE-SECRET%ff',
    '/api/verif%79-email/THE-SECRET',
    '/api/verify-emial/THE-SECRET',
    '/reset-password/THE-SECRET',
    '/THE-SECRET-1234567890123456789',
    '/api/exist-email/THE-SECRET%40example.test',
  ])('no part of %s is in the log that could be a secret', async (path) => {
    const before = latchkey.logged().length;
    await latchkey.fetch(path);
    const lines = latchkey.logged().slice(before);
    expect(lines).toContain('"path":"/');
    expect(lines).not.toContain('THE-SECRET');
  });
});

test('errors reach the log by the name that makes them safe', () => {
  const wrong = globSync('src/**/*.ts', { exclude: (name) => name.includes('generated') }).flatMap((path) => {
    const text = readFileSync(path, 'utf8');
    const calls = text.match(/\blog\??\.(?:error|warn|info|debug|fatal)\((?:[^()]|\([^()]*\))*\)/g) ?? [];
    // Besides `err`, a message may be a reason: where it comes from another server, the caller has masked it.
    const rest = (call: string) =>
      call.replace(/'[^']*'|\berr: \w+|\berror\.message|\breasonOf\(error\)|\.error\?\.name|\.error\(/g, '');
    return calls.filter((call) => /\berror\b/.test(rest(call))).map((call) => `${path}: ${call}`);
  });
  expect(wrong).toEqual([]);
});

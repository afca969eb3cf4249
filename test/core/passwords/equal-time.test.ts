import { hashSync } from 'bcryptjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LoginDocument, RegisterDocument } from '../../generated/graphql.ts';
import { ENGINES } from '../../support/database.ts';
import { type Latchkey, PASSWORD, type Person, startLatchkey } from '../../support/latchkey.ts';

describe.each(ENGINES)('the time of a refusal on %s', (engine) => {
  let latchkey: Latchkey;
  let current: Person;
  let old: Person;
  let imported: Person;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
    [current, old, imported] = [await latchkey.person(), await latchkey.person(), await latchkey.person()];
  });
  afterAll(() => latchkey.close());

  const prisma = () => latchkey.app.parts.database.prisma;
  const hashOf = async ({ id }: Person) => (await prisma().user.findUniqueOrThrow({ where: { id } })).passwordHash;
  const setHash = async ({ id }: Person, passwordHash: string) =>
    prisma().user.update({ where: { id }, data: { passwordHash } });
  /** What a refusal takes for each kind of account: the comparison, and the wait that follows it. */
  const times = async () => {
    const { equalTime, passwordHasher } = latchkey.app.parts;
    const hashes = [null, 'not a hash', await hashOf(current), await hashOf(old), await hashOf(imported)];
    const all: { compares: number; waits: number }[] = [];
    for (const hash of hashes) {
      all.push({ waits: await equalTime.missing(hash), compares: await passwordHasher.millisecondsOf(hash) });
    }
    return all;
  };

  test('nobody waits while every hash costs the same', async () => {
    expect((await times()).map(({ waits }) => waits)).toEqual([0, 0, 0, 0, 0]);
  });

  test('known, unknown, older and imported hashes take as long as the most expensive of them', async () => {
    const { hash } = await import('@node-rs/argon2');
    await setHash(old, await hash(PASSWORD, { memoryCost: 32, timeCost: 1, parallelism: 1 }));
    await setHash(imported, hashSync(PASSWORD, 6));
    latchkey.advance({ minutes: 1, seconds: 1 });
    const all = await times();
    const longest = Math.max(...all.map(({ compares }) => compares));
    expect(longest).toBeGreaterThan(0);
    for (const { compares, waits } of all) expect(compares + waits).toBeCloseTo(longest, 6);
    // The most expensive one is bcrypt here; it alone does not wait.
    expect(all.map(({ waits }) => waits > 0)).toEqual([true, true, true, true, false]);
  });

  test('every wrong password waits, a right one does not', async () => {
    const waited: (string | null)[] = [];
    const { equalTime } = latchkey.app.parts;
    const { wait } = equalTime;
    equalTime.wait = async (phc) => void waited.push(phc);
    const login = async (identifier: string, password: string) =>
      (await latchkey.ask(LoginDocument, { input: { identifier, password } })).login.__typename;
    try {
      const storedHash = await hashOf(current);
      expect(await login(current.email, 'wrong')).toBe('InvalidCredentialsError');
      expect(await login('nobody@example.test', 'wrong')).toBe('InvalidCredentialsError');
      expect(waited).toEqual([storedHash, null]);
      // Typed in another Unicode form, a password is compared twice.
      expect(await login(current.email, 'wro\u0308ng')).toBe('InvalidCredentialsError');
      expect(await login('nobody@example.test', 'wro\u0308ng')).toBe('InvalidCredentialsError');
      expect(waited.slice(2)).toEqual([storedHash, storedHash, null, null]);
      expect(await login(current.email, PASSWORD)).toBe('LoginSuccess');
      expect(waited).toHaveLength(6);
    } finally {
      equalTime.wait = wait;
    }
  });

  test('a registration waits alike for new, registered and verified addresses', async () => {
    const waited: (string | null)[] = [];
    const { equalTime } = latchkey.app.parts;
    const { wait } = equalTime;
    const register = (email: string) =>
      latchkey.ask(RegisterDocument, { input: { name: 'Ada', email, password: 'another good passphrase' } });
    const registered = latchkey.address();
    await latchkey.ask(RegisterDocument, { input: { name: 'Ada', email: registered, password: PASSWORD } });
    const { passwordHash } = await prisma().user.findUniqueOrThrow({ where: { email: registered } });
    equalTime.wait = async (phc) => void waited.push(phc);
    try {
      for (const email of [latchkey.address(), current.email, registered]) await register(email);
    } finally {
      equalTime.wait = wait;
    }
    expect(waited).toEqual([null, null, passwordHash]);
  });

  test('the kinds in use are found by the index, whatever salts there are', async () => {
    const [row] = await prisma().$queryRaw<{ kind: string }[]>`
      SELECT password_hash_kind(password_hash) AS kind FROM users WHERE id = ${current.id}::uuid`;
    expect(row?.kind).toBe('$argon2id$v=19$m=64,t=1,p=1$$');
    const django = 'pbkdf2_sha256$600000$Zg1wYmcFFVPLuBCX2SNZGA$2vNyvP0mUQy6Zk0CfpzBvCTBmrf3PpEhNGPQb6dGzKI=';
    const [foreign] = await prisma().$queryRaw<{ kind: string }[]>`SELECT password_hash_kind(${django}) AS kind`;
    expect(foreign?.kind).toBe('pbkdf2_sha256$600000$$');
  });
});

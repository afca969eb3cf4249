import { decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listKeys, retireKey, rotateKeys } from '#capabilities/signing-keys/signing-keys.ts';
import { ForbiddenError } from '#errors/refused-errors.ts';
import { createContextBuilder } from '../../src/http/request.ts';
import { runLatchkey } from '../support/command.ts';
import { type Latchkey, SECRET, startLatchkey } from '../support/latchkey.ts';

describe('latchkey keys', () => {
  let latchkey: Latchkey;
  let env: Record<string, string>;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine: 'postgresql', env: { JWT_ALG: 'EdDSA' } });
    if (latchkey.config.database.kind !== 'postgresql') throw new Error('PostgreSQL it is to be');
    env = {
      DATABASE_URL: latchkey.config.database.url,
      SECRET,
      PUBLIC_URL: latchkey.config.publicUrl,
      MAILBOX: 'on',
      JWT_ALG: 'EdDSA',
    };
  });
  afterAll(() => latchkey.close());

  const keys = async (typed: string) => {
    const { code, stdout, stderr } = await runLatchkey(['keys', ...typed.split(' '), '--json'], { env });
    expect([code, stderr]).toEqual([0, '']);
    return JSON.parse(stdout) as { kid: string; state: string; activeAt: string; dropsAt: string | null }[];
  };

  test('lists, rotates once, and retires; the service follows without a restart', async () => {
    const { accessToken } = await latchkey.person();
    const { kid: first = '' } = decodeProtectedHeader(accessToken);
    expect(await keys('list')).toMatchObject([{ kid: first, state: 'active', dropsAt: null }]);

    const rotated = await keys('rotate');
    expect(rotated.map(({ state }) => state)).toEqual(['next', 'active']);
    const next = rotated[0]?.kid ?? '';
    expect(Date.parse(rotated[1]?.dropsAt ?? '') - Date.parse(rotated[0]?.activeAt ?? '')).toBe(3_720_000);
    expect(await keys('rotate')).toEqual(rotated);
    expect((await runLatchkey(['keys', 'rotate'], { env })).stdout).toContain('already');

    const table = await runLatchkey(['keys', 'list'], { env });
    expect(table.stdout).toMatch(/^KID +ALG +STATE +SIGNS FROM +UNTIL +ACCEPTED UNTIL\n/);
    expect(table.stdout).toContain(`${first}  EdDSA  active`);

    const retired = await runLatchkey(['keys', 'retire', first], { env });
    expect(retired.stdout).toContain(`${first} is no longer in use; ${next} signs now.`);
    latchkey.advance({ seconds: 10 });
    const jwks = await (await latchkey.fetch('/.well-known/jwks.json')).json();
    expect(jwks.keys.map(({ kid }: { kid: string }) => kid)).toEqual([next]);
    expect(decodeProtectedHeader((await latchkey.person()).accessToken).kid).toBe(next);

    // The only one: a new one takes its place.
    const [only] = await keys(`retire ${next}`);
    expect(only).toMatchObject({ state: 'active' });
    expect(only?.kid).not.toBe(next);
    const record = await latchkey.app.parts.database.prisma.auditEvent.findMany({ where: { origin: 'operator' } });
    expect(record.map(({ name }) => name)).toEqual([
      'rotate_keys.completed',
      'retire_key.completed',
      'retire_key.completed',
    ]);
  });

  test('an unknown key or a wrong SECRET is reported in one line and changes nothing', async () => {
    const before = await keys('list');
    const unknown = await runLatchkey(['keys', 'retire', 'nonsense'], { env });
    expect(unknown).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^There is no key nonsense\. .*\n$/),
    });
    const wrong = await runLatchkey(['keys', 'rotate'], { env: { ...env, SECRET: `not ${SECRET}` } });
    expect(wrong).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^The signing keys .* cannot be decrypted.*\n$/),
    });
    expect((await runLatchkey(['keys', 'retire'], { env })).code).toBe(2);
    expect(await keys('list')).toEqual(before);
  });

  test('a command whose JWT_ALG differs from that of the service makes no key by being run', async () => {
    const before = await keys('list');
    const { JWT_ALG: _, ...other } = env;
    expect(JSON.parse((await runLatchkey(['keys', 'list', '--json'], { env: other })).stdout)).toEqual(before);
  });

  test('is for operators only', async () => {
    const ctx = createContextBuilder(latchkey.app.parts)({ header: () => null, remoteAddress: '127.0.0.1' });
    await expect(listKeys(ctx)).rejects.toThrow(ForbiddenError);
    await expect(rotateKeys(ctx)).rejects.toThrow(ForbiddenError);
    await expect(retireKey(ctx, { kid: 'x' })).rejects.toThrow(ForbiddenError);
  });
});

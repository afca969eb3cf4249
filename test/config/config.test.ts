import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '#config/config.ts';
import { ConfigError } from '#config/environment.ts';
import { printedSettings } from '#config/print-settings.ts';
import { SETTINGS } from '#config/settings.ts';

const problemsOf = (env: Record<string, string>) => {
  try {
    parseConfig(env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ variable }) => variable);
  }
};
const PRODUCTION = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://auth.example.com',
  DATABASE_URL: 'postgresql://db/latchkey',
  SECRET: 'x'.repeat(32),
  SMTP_URL: 'smtps://mail.example.com',
  MAIL_FROM: 'Latchkey <no-reply@example.com>',
};

describe('the settings', () => {
  test('an empty environment is a working development set-up', () => {
    const config = parseConfig({});
    expect(config).toMatchObject({
      port: 4000,
      publicUrl: 'http://localhost:4000',
      graphiql: true,
      mail: { kind: 'mailbox' },
      database: { kind: 'embedded' },
    });
  });

  test('an empty value counts as absent', () => {
    expect(parseConfig({ PORT: '', DATABASE_URL: ' ' })).toEqual(parseConfig({}));
  });

  test('every problem is told at once', () => {
    const env = {
      PORT: 'x',
      PUBLIC_URL: 'ftp://x',
      SECRET: 'short',
      JWT_ALG: 'none',
      ACCESS_TOKEN_TTL: '15',
      USER_ROLES: 'A B',
      TRUSTED_PROXIES: '1.2.3.4/99',
      CORS_ORIGINS: 'https://x/y',
    };
    expect(problemsOf({ ...env, SELF_ASSIGNABLE_ROLES: 'A B' })).toEqual(Object.keys(env));
  });

  test('a secret is never part of a complaint', () => {
    expect(() => parseConfig({ SECRET: 'hunter2' })).toThrow(/32 bytes/);
    expect(() => parseConfig({ SECRET: 'hunter2' })).not.toThrow(/hunter2/);
  });

  test('production starts only with what is safe', () => {
    expect(problemsOf({ NODE_ENV: 'production' })).toEqual(['PUBLIC_URL', 'SMTP_URL']);
    expect(problemsOf({ ...PRODUCTION, PUBLIC_URL: 'http://auth.example.com' })).toEqual(['PUBLIC_URL']);
    expect(problemsOf({ ...PRODUCTION, SECRET: '' })).toEqual(['SECRET']);
    expect(problemsOf({ ...PRODUCTION, HASH_MEMORY_KIB: '64' })).toEqual(['HASH_MEMORY_KIB']);
    expect(parseConfig(PRODUCTION)).toMatchObject({ isProduction: true, graphiql: false, introspection: false });
  });

  test('a cookie for other sites wants the sites to be named; plain http keeps cookies for localhost', () => {
    expect(problemsOf({ COOKIE_SAME_SITE: 'none' })).toEqual(['COOKIE_SAME_SITE']);
    expect(parseConfig({ COOKIE_SAME_SITE: 'none', CORS_ORIGINS: 'https://app.example.com' }).refreshCookie).toEqual({
      isPossible: true,
      sameSite: 'None',
    });
    expect(parseConfig({ PUBLIC_URL: 'http://auth.example.com' }).refreshCookie.isPossible).toBe(false);
    expect(parseConfig({ PUBLIC_URL: 'https://auth.example.com' }).refreshCookie.sameSite).toBe('Strict');
  });

  test.each([
    ['ACCESS_TOKEN_TTL', '1d', '86401s'],
    ['REFRESH_GRACE', '60s', '61s'],
    ['REFRESH_GRACE', '1m', '2m'],
    ['AUDIT_RETENTION', '30d', '29d'],
    ['REAUTHENTICATION_WINDOW', '60s', '59s'],
    ['PASSWORD_MIN_LENGTH', '8', '7'],
    ['PASSWORD_MIN_LENGTH', '64', '65'],
    ['KEY_ROTATION', '1h', '59m'],
  ])('%s may be %s and not %s', (name, good, bad) => {
    expect(problemsOf({ ...PRODUCTION, [name]: good })).toEqual([]);
    expect(problemsOf({ ...PRODUCTION, [name]: bad })).toEqual([name]);
  });

  test('hashes in production are at least as expensive as the weakest that OWASP names', () => {
    const withCost = (memory: number, iterations: number) =>
      problemsOf({ ...PRODUCTION, HASH_MEMORY_KIB: String(memory), HASH_ITERATIONS: String(iterations) });
    expect(withCost(7168, 5)).toEqual([]);
    expect(withCost(7167, 5)).toEqual(['HASH_MEMORY_KIB']);
    expect(withCost(7168, 4)).toEqual(['HASH_MEMORY_KIB']);
  });

  test('one header tells the client address, and only of proxies that are named', () => {
    expect(parseConfig({}).clientIpHeader).toBe('x-forwarded-for');
    expect(parseConfig({ TRUSTED_PROXIES: '::1', CLIENT_IP_HEADER: 'Forwarded' }).clientIpHeader).toBe('forwarded');
    expect(problemsOf({ CLIENT_IP_HEADER: 'forwarded' })).toEqual(['CLIENT_IP_HEADER']);
    for (const bad of ['x-real-ip,forwarded', 'for:warded', '']) {
      const problems = bad === '' ? [] : ['CLIENT_IP_HEADER'];
      expect(problemsOf({ TRUSTED_PROXIES: '::1', CLIENT_IP_HEADER: bad })).toEqual(problems);
    }
  });

  test('nobody can register as admin', () => {
    expect(problemsOf({ SELF_ASSIGNABLE_ROLES: 'customer,admin' })).toEqual(['SELF_ASSIGNABLE_ROLES']);
  });

  test('a captcha is configured whole or not at all', () => {
    expect(parseConfig({}).captcha).toBe(null);
    expect(problemsOf({ CAPTCHA_PROVIDER: 'turnstile' })).toEqual(['CAPTCHA_SECRET']);
    expect(problemsOf({ CAPTCHA_SECRET: 'x', CAPTCHA_VERIFY_URL: 'https://captcha.example.com' })).toEqual([
      'CAPTCHA_SECRET',
      'CAPTCHA_VERIFY_URL',
    ]);
    expect(problemsOf({ CAPTCHA_PROVIDER: 'mine', CAPTCHA_SECRET: 'x' })).toContain('CAPTCHA_PROVIDER');
    const configured = { CAPTCHA_PROVIDER: 'hcaptcha', CAPTCHA_SECRET: 'x' };
    expect(parseConfig(configured).captcha).toEqual({ provider: 'hcaptcha', secret: 'x', verifyUrl: null });
    const plain = { ...PRODUCTION, ...configured, CAPTCHA_VERIFY_URL: 'http://captcha.example.com' };
    expect(problemsOf(plain)).toEqual(['CAPTCHA_VERIFY_URL']);
  });

  test('the secret may come from a file, and not from two places', () => {
    expect(parseConfig({ SECRET_FILE: '/run/secret' }, () => `${'x'.repeat(40)}\n`).secret).toEqual({
      kind: 'given',
      value: 'x'.repeat(40),
    });
    expect(problemsOf({ SECRET_FILE: '/run/secret', SECRET: 'x'.repeat(40) })).toEqual(['SECRET']);
    expect(() =>
      parseConfig({ SECRET_FILE: '/nowhere' }, () => {
        throw new Error('ENOENT');
      }),
    ).toThrow(/SECRET_FILE/);
  });

  test('the previous secret may come from a file too, and keys change as often as one likes but hourly', () => {
    expect(parseConfig({ SECRET_PREVIOUS_FILE: '/run/old' }, () => 'x'.repeat(32)).previousSecret).toBe('x'.repeat(32));
    expect(parseConfig({}).previousSecret).toBeNull();
    expect(problemsOf({ SECRET_PREVIOUS: 'short', KEY_ROTATION: '59m' })).toEqual(['SECRET_PREVIOUS', 'KEY_ROTATION']);
    expect(parseConfig({ KEY_ROTATION: 'off' }).keyRotationSeconds).toBeNull();
    expect(parseConfig({}).keyRotationSeconds).toBe(90 * 86_400);
  });

  test('services are named with secrets that nobody guesses; a name may have two while its secret changes', () => {
    const [one, two] = ['a'.repeat(32), `b/+=:${'b'.repeat(32)}`];
    const clients = [
      { name: 'shop', secret: one },
      { name: 'shop', secret: two },
    ];
    expect(parseConfig({ SERVICE_CLIENTS: `shop:${one}, shop:${two},` }).serviceClients).toEqual(clients);
    const file = () => `shop:${one}\nshop:${two}\n`;
    expect(parseConfig({ SERVICE_CLIENTS_FILE: '/run/clients' }, file).serviceClients).toEqual(clients);
    for (const bad of ['shop', 'shop:short', `:${one}`, `a b:${one}`, `shop:${one} x`, `shop:${one}%`]) {
      expect(problemsOf({ SERVICE_CLIENTS: bad })).toEqual(['SERVICE_CLIENTS']);
    }
    expect(() => parseConfig({ SERVICE_CLIENTS: 'shop:hunter2' })).not.toThrow(/hunter2/);
  });

  test('nobody becomes an administrator by registering', () => {
    expect(problemsOf({ USER_ROLES: 'admin,customer' })).toEqual(['USER_ROLES']);
    expect(problemsOf({ SELF_ASSIGNABLE_ROLES: 'customer,admin' })).toEqual(['SELF_ASSIGNABLE_ROLES']);
  });

  test('REST_APIS names documented APIs; all are served unless it does, and none if it says so', () => {
    const apis = (value: string) => parseConfig({ REST_APIS: value }).restApis;
    expect(apis('')).toEqual(['connectx', 'organization', 'vault', 'token']);
    expect(apis(' token, connectx ,token')).toEqual(['connectx', 'token']);
    expect(apis('none')).toEqual([]);
    for (const bad of ['connectX', 'tokens', 'none,token', 'toString']) {
      expect([bad, problemsOf({ REST_APIS: bad })]).toEqual([bad, ['REST_APIS']]);
    }
  });

  test('docs/settings.md and .env.example list every setting', () => {
    expect(readFileSync('docs/settings.md', 'utf8')).toBe(printedSettings());
    const example = readFileSync('.env.example', 'utf8');
    for (const [name] of SETTINGS) expect(example).toContain(`# ${name}=`);
  });
});

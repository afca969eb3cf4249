import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Config, parseConfig } from '#config/config.ts';
import { ConfigError } from '#config/environment.ts';
import { printedSettings } from '#config/print-settings.ts';
import { SETTINGS } from '#config/settings.ts';
import { parseNewPassword } from '#core/passwords/password.ts';

const problemsOf = (env: Record<string, string>) => {
  try {
    parseConfig(env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ variable }) => variable);
  }
};
const SECRET = 'x'.repeat(32);
const PRODUCTION = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://auth.example.com',
  DATABASE_URL: 'postgresql://db/latchkey?sslmode=verify-full',
  SECRET: 'TrDmnIw5SAVMdyOAlwzmGbeZ4C1z6N4Ue1pcqDLvYqo',
  SMTP_URL: 'smtps://mail.example.com',
  MAIL_FROM: 'Latchkey <no-reply@example.com>',
};

describe('the settings', () => {
  test.each(['x'.repeat(40), 'changeme'.repeat(5), 'abcdefg'.repeat(6), '0123456789'.repeat(4), '01'.repeat(20)])(
    'a SECRET that can be guessed is refused in production: %s',
    (secret) => {
      expect(problemsOf({ ...PRODUCTION, SECRET: secret })).toEqual(['SECRET']);
      const { SECRET: _, ...others } = PRODUCTION;
      const inFile = () => parseConfig({ ...others, SECRET_FILE: '/run/secret' }, () => secret);
      expect(inFile).toThrow('SECRET_FILE: is easy to guess');
      expect(problemsOf({ SECRET: secret })).toEqual([]);
      expect(problemsOf({ ...PRODUCTION, SECRET_PREVIOUS: secret })).toEqual([]);
    },
  );

  test('an empty environment is a working development set-up', () => {
    const config = parseConfig({});
    expect(config).toMatchObject({
      listen: { host: '127.0.0.1', port: 4000, tls: null },
      publicUrl: 'http://localhost:4000',
      graphiql: true,
      mail: { kind: 'mailbox' },
      database: { kind: 'embedded' },
    });
  });

  test('an empty value counts as absent', () => {
    expect(parseConfig({ PORT: '', DATABASE_URL: ' ' })).toEqual(parseConfig({}));
  });

  test('all problems are reported at once', () => {
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
    const at = (url: string) => parseConfig({ PUBLIC_URL: url, MAILBOX: 'on' });
    expect(at('http://auth.example.com').refreshCookie.isPossible).toBe(false);
    expect(at('https://auth.example.com').refreshCookie.sameSite).toBe('Strict');
  });

  test.each([
    ['ACCESS_TOKEN_TTL', '1d', '86401s'],
    ['SHUTDOWN_DELAY', '1d', '2d'],
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

  test('PUBLIC_URL is kept as issuers are compared: lower case, no default port, no slash at the end', () => {
    const publicUrl = (value: string) => parseConfig({ PUBLIC_URL: value, MAILBOX: 'on' }).publicUrl;
    expect(publicUrl('HTTPS://Auth.Example.COM:443/')).toBe('https://auth.example.com');
    expect(publicUrl('https://auth.example.com:8443')).toBe('https://auth.example.com:8443');
    expect(publicUrl('http://auth.example.com:80/Accounts/')).toBe('http://auth.example.com/Accounts');
    expect(publicUrl('https://münchen.de')).toBe('https://xn--mnchen-3ya.de');
    for (const bad of ['https://x.example/?', 'https://x.example/#', 'https://user:hunter2@x.example']) {
      expect(problemsOf({ PUBLIC_URL: bad, MAILBOX: 'on' })).toEqual(['PUBLIC_URL']);
    }
  });

  describe('without SMTP_URL', () => {
    const told = (env: Record<string, string>) => {
      try {
        return parseConfig(env).warnings.map(({ variable, problem }) => `${variable} ${problem}`);
      } catch (error) {
        return error instanceof ConfigError ? error.problems.map((it) => `${it.variable} ${it.problem}`) : error;
      }
    };

    test.each([
      { HOST: '127.0.0.1' },
      { HOST: '127.8.9.10', PUBLIC_URL: 'http://127.0.0.1:4000' },
      { HOST: 'localhost', PUBLIC_URL: 'http://localhost:4000' },
      { HOST: '::1', PUBLIC_URL: 'http://[::1]:4000' },
      { PUBLIC_URL: 'https://auth.localhost' },
    ])('the mailbox is on this machine only: %j', (env) => expect(told(env)).toEqual([]));

    test.each([
      ['HOST', { HOST: '0.0.0.0', PUBLIC_URL: 'https://auth.example.com' }],
      ['HOST', { HOST: '0.0.0.0' }],
      ['HOST', { HOST: '::' }],
      ['HOST', { HOST: '192.168.1.7' }],
      ['HOST', { HOST: '127.0.0.1.example.com' }],
      ['HOST', { HOST: 'db.localhost' }],
      ['PUBLIC_URL', { PUBLIC_URL: 'https://auth.example.com' }],
      ['PUBLIC_URL', { PUBLIC_URL: 'http://localhost.example.com' }],
    ])('it is not on the network because of %s, unless MAILBOX=on, which warns: %j', (variable, env) => {
      expect(told(env)).toEqual([
        `SMTP_URL is required because ${variable} is not an address of this machine, so anyone could read emails at /dev/mailbox (to allow that, set MAILBOX=on)`,
      ]);
      const { publicUrl } = parseConfig({ ...env, MAILBOX: 'on' });
      expect(told({ ...env, MAILBOX: 'on' })).toEqual([
        `MAILBOX is on: anyone who can reach ${publicUrl} can read every email at /dev/mailbox`,
      ]);
      expect(told({ ...env, SMTP_URL: 'smtps://mail.example.com' })).toEqual([]);
    });

    test('there is no mailbox in production, nor beside SMTP_URL, whatever MAILBOX says', () => {
      expect(problemsOf({ ...PRODUCTION, SMTP_URL: '', MAILBOX: 'on' })).toEqual(['SMTP_URL']);
      expect(problemsOf({ ...PRODUCTION, MAILBOX: 'on' })).toEqual(['MAILBOX']);
    });
  });

  test('DATABASE_URL has no parameter that would be ignored', () => {
    const problems = (query: string) =>
      problemsOf({ SECRET, DATABASE_URL: `postgresql://u:p@db.example:5432/latchkey?${query}` });
    for (const fine of [
      '',
      'schema=public',
      'sslmode=verify-full&sslrootcert=/etc/ca.pem',
      'options=-c%20role=x%40y',
    ]) {
      expect([fine, problems(fine)]).toEqual([fine, []]);
    }
    for (const ignored of ['schema=auth', 'connection_limit=5', 'pgbouncer=true', 'sslaccept=strict']) {
      expect([ignored, problems(ignored)]).toEqual([ignored, ['DATABASE_URL']]);
    }
    const env = { SECRET, DATABASE_URL: 'postgresql://db.example/latchkey?schema=auth' };
    expect(() => parseConfig(env)).toThrow('DATABASE_URL: must not have the parameter schema');
  });

  describe.each([
    ['DATABASE_URL', 'postgresql', (env: Record<string, string>) => parseConfig({ ...env, SECRET }).database],
    ['SMTP_URL', 'smtps', (env: Record<string, string>) => parseConfig({ ...env, SECRET }).mail],
  ] as const)('the password in %s', (name, scheme, read) => {
    const complaint = (url: string) => {
      try {
        return JSON.stringify(read({ [name]: url }));
      } catch (error) {
        return error instanceof ConfigError ? error.message : String(error);
      }
    };

    test.each([
      ['a #', 'hunter#2secret'],
      ['digits in front of the #', '1234#hunter'],
      ['a /', 'hunter/2secret'],
      ['a / and an @', 'hunt@er/2secret'],
      ['digits in front of the /', '1234/hunter'],
      ['a ?', 'hunter?2secret'],
      ['digits in front of the ?', '1234?hunter'],
      ['a %', 'hunter%secret'],
      ['a bracket', 'hunter[2/secret'],
    ])('with %s: the advice is to percent-encode, and no part of it is told', (_, password) => {
      const told = complaint(`${scheme}://latchkey:${password}@host.example/latchkey`);
      expect(told).toContain(`${name}: is not a valid URL: percent-encode`);
      expect(told).not.toMatch(/hunt|secret|1234/);
      const encoded = `${scheme}://latchkey:${encodeURIComponent(password)}@host.example/latchkey`;
      expect(read({ [name]: encoded })).toMatchObject({ url: encoded });
    });

    test('whatever it is, it is read as it was meant or refused without a word of it', () => {
      // A letter that the message does not have, so that it is found in it.
      const piece = fc.constantFrom('Q', 'QQ', '7', '#', '/', '?', '@', '%', ':', '&', '=', '[', ' ', '\\', '€');
      fc.assert(
        fc.property(fc.array(piece, { minLength: 1, maxLength: 8 }), (pieces) => {
          const typed = pieces.join('');
          // What looks encoded is taken for that.
          fc.pre(!/%[0-9a-f]{2}/i.test(typed));
          const url = `${scheme}://latchkey:${typed}@host.example/latchkey`;
          const told = complaint(url);
          if (!told.startsWith('{')) {
            expect(told).not.toMatch(/[Q7€]/);
            return;
          }
          const { hostname, password } = new URL(url);
          expect([hostname, decodeURIComponent(password)]).toEqual(['host.example', typed]);
        }),
        { numRuns: 1000 },
      );
    });

    test('a URL of something else is told by what it must start with', () => {
      expect(complaint('https://latchkey:hunter2@host.example')).toMatch(`${name}: must be a URL that starts with`);
      expect(complaint('https://latchkey:hunter2@host.example')).not.toContain('hunter2');
    });
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

  test('a path in HOST is a Unix socket, whose peers are trusted if the settings say so', () => {
    const listen = (HOST: string, more = {}) => parseConfig({ HOST, TRUSTED_PROXIES: 'unix', ...more });
    expect(listen('/run/latchkey/http.sock').listen).toMatchObject({
      host: '/run/latchkey/http.sock',
      isUnixSocket: true,
      tls: null,
    });
    expect(listen('/run/latchkey/http.sock').warnings).toEqual([]);
    expect(parseConfig({ HOST: '/run/http.sock' }).warnings).toMatchObject([{ variable: 'TRUSTED_PROXIES' }]);
    expect(problemsOf({ TRUSTED_PROXIES: 'unix' })).toEqual(['TRUSTED_PROXIES']);
    for (const bad of ['./http.sock', 'run/http.sock', `/${'x'.repeat(103)}`]) {
      expect([bad, problemsOf({ HOST: bad, TRUSTED_PROXIES: 'unix' })]).toEqual([bad, ['HOST']]);
    }
    // Only this machine reaches it, so the mailbox is not on the network, unless PUBLIC_URL is.
    const behindProxy = { HOST: '/run/http.sock', TRUSTED_PROXIES: 'unix', PUBLIC_URL: 'https://auth.example.com' };
    expect(problemsOf(behindProxy)).toEqual(['SMTP_URL']);
  });

  test('TLS needs a certificate and its key, an https address, and no Unix socket', () => {
    const files = { TLS_CERT: '/etc/cert.pem', TLS_KEY: '/etc/key.pem' };
    const config = parseConfig(files);
    expect(config.listen.tls).toEqual({ certificate: '/etc/cert.pem', key: '/etc/key.pem' });
    expect(config.publicUrl).toBe('https://localhost:4000');
    expect(problemsOf({ TLS_CERT: '/etc/cert.pem' })).toEqual(['TLS_KEY']);
    expect(problemsOf({ TLS_KEY: '/etc/key.pem' })).toEqual(['TLS_CERT']);
    expect(problemsOf({ ...files, PUBLIC_URL: 'http://localhost' })).toEqual(['PUBLIC_URL']);
    expect(problemsOf({ ...files, HOST: '/run/http.sock', TRUSTED_PROXIES: 'unix' })).toEqual(['TLS_CERT']);
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

  test('/metrics is off unless it has a port of its own or a token that cannot be guessed', () => {
    const token = 'a'.repeat(32);
    expect(parseConfig({}).metrics).toBeNull();
    expect(parseConfig({ METRICS_PORT: '9464' }).metrics).toEqual({ port: 9464, token: null });
    expect(parseConfig({ METRICS_TOKEN: token }).metrics).toEqual({ port: null, token });
    expect(parseConfig({ METRICS_PORT: '9464', METRICS_TOKEN: token }).metrics).toEqual({ port: 9464, token });
    expect(problemsOf({ METRICS_TOKEN: 'a'.repeat(31) })).toEqual(['METRICS_TOKEN']);
    expect(problemsOf({ METRICS_TOKEN: `${token} ${token}` })).toEqual(['METRICS_TOKEN']);
    expect(problemsOf({ METRICS_PORT: '4000' })).toEqual(['METRICS_PORT']);
    expect(problemsOf({ METRICS_PORT: '65536' })).toEqual(['METRICS_PORT']);
  });

  test('several workers need what processes can share', () => {
    const url = 'postgresql://latchkey:secret@localhost/latchkey';
    const shared = { DATABASE_URL: url, SECRET, SMTP_URL: 'smtp://localhost' };
    expect(parseConfig({}).workers).toBe(1);
    expect(parseConfig({ WORKERS: '1' }).workers).toBe(1);
    expect(parseConfig({ ...shared, WORKERS: '4' }).workers).toBe(4);
    expect(parseConfig({ ...shared, WORKERS: 'auto' }).workers).toBe(availableParallelism());
    for (const WORKERS of ['2', 'auto']) expect(problemsOf({ WORKERS })).toEqual(['WORKERS', 'WORKERS']);
    expect(problemsOf({ ...shared, WORKERS: '0' })).toEqual(['WORKERS']);
    expect(parseConfig({ ...shared, WORKERS: '256' }).hash.slots).toBe(1);
  });

  test('LOG_SAMPLE is a share', () => {
    expect(parseConfig({}).logSample).toBe(1);
    for (const [text, share] of Object.entries({ '0': 0, '0.05': 0.05, '.5': 0.5, '1': 1, '1.0': 1 })) {
      expect(parseConfig({ LOG_SAMPLE: text }).logSample).toBe(share);
    }
    for (const text of ['1.5', '-1', '10%', 'x', '2']) expect(problemsOf({ LOG_SAMPLE: text })).toEqual(['LOG_SAMPLE']);
  });

  describe.each([
    ['SECRET', 'x'.repeat(40), (config: Config) => config.secret],
    ['SECRET_PREVIOUS', 'x'.repeat(40), (config: Config) => config.previousSecret],
    ['DATABASE_URL', 'postgresql://latchkey:hunter2@localhost/latchkey', (config: Config) => config.database],
    ['DATABASE_REPLICA_URLS', 'postgresql://latchkey:hunter2@localhost/latchkey', (config: Config) => config.database],
    ['SMTP_URL', 'smtps://latchkey:hunter2@mail.example.com', (config: Config) => config.mail],
    ['CAPTCHA_SECRET', 'hunter2hunter2', (config: Config) => config.captcha],
    ['SERVICE_CLIENTS', `shop:${'a'.repeat(32)}`, (config: Config) => config.serviceClients],
    ['METRICS_TOKEN', 'a'.repeat(32), (config: Config) => config.metrics],
  ] as const)('%s from a file', (name, value, read) => {
    const needed = {
      ...(name.startsWith('DATABASE_') ? { SECRET } : {}),
      ...(name === 'DATABASE_REPLICA_URLS' ? { DATABASE_URL: 'postgresql://localhost/latchkey' } : {}),
      ...(name === 'CAPTCHA_SECRET' ? { CAPTCHA_PROVIDER: 'turnstile' } : {}),
    };
    const file = { ...needed, [`${name}_FILE`]: '/run/secrets/it' };
    const complaint = (content: () => string, more: Record<string, string> = {}) => {
      try {
        parseConfig({ ...file, ...more }, content);
        return null;
      } catch (error) {
        return String(error);
      }
    };

    test.each(['', '\n', '\r\n'])('is read as the setting is, without the line break at the end: %j', (end) => {
      const direct = read(parseConfig({ ...needed, [name]: value }));
      const paths: string[] = [];
      const fromFile = parseConfig(file, (path) => {
        paths.push(path);
        return `${value}${end}`;
      });
      expect([read(fromFile), paths]).toEqual([direct, ['/run/secrets/it']]);
    });

    test('and in the environment as well is a mistake', () => {
      const told = complaint(() => value, { [name]: value });
      expect(told).toContain(`\n  ${name}: and ${name}_FILE must not both be set`);
      expect(told?.split('\n')).toHaveLength(2);
    });

    test('that cannot be read, or is empty, is told in one line; what is wrong in it, under its name', () => {
      const missing = complaint(() => {
        throw Object.assign(new Error('permission denied'), { code: 'EACCES' });
      });
      expect(missing?.split('\n').slice(1)).toEqual([`  ${name}_FILE: cannot be read (EACCES): /run/secrets/it`]);
      const empty = complaint(() => ' \n');
      expect(empty?.split('\n').slice(1)).toEqual([`  ${name}_FILE: is an empty file: /run/secrets/it`]);
      if (name === 'CAPTCHA_SECRET') return;
      const wrong = complaint(() => 'hunter2');
      expect(wrong).toContain(`  ${name}_FILE: must`);
      expect(wrong).not.toContain('hunter2');
    });
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

  test('an operator adds passwords and words that are too common', () => {
    const read = (content: string) => parseConfig({ PASSWORD_LIST: '/etc/words' }, () => content).commonPasswords;
    expect([...read('Rocket Skates\r\n  ACME-2024\n\nabc\n')]).toEqual(['rocket skates', 'acme-2024']);
    expect(() => read('abc\n')).toThrow('PASSWORD_LIST: has no line');
    const missing = () => {
      throw new Error('ENOENT');
    };
    expect(() => parseConfig({ PASSWORD_LIST: '/etc/words' }, missing)).toThrow('PASSWORD_LIST: cannot be read');
    const problems = (password: string) => {
      const common = read('rocket skates\n');
      const parsed = parseNewPassword({ password, minLength: 8, personal: [], service: [], common });
      return parsed.ok ? [] : parsed.problems.map(({ code }) => code);
    };
    for (const password of ['Rocket Skates', 'r0cket skates!1', 'Rocket Skates 2026']) {
      expect([password, problems(password)]).toEqual([password, ['TOO_COMMON']]);
    }
    expect(problems('rocket skates for grandmothers')).toEqual([]);
  });

  test('BREACH_CHECK asks the public server or a mirror, and only over https in production', () => {
    const url = 'https://api.pwnedpasswords.com/range/';
    expect(parseConfig({}).breachCheck).toBeNull();
    expect(parseConfig({ BREACH_CHECK: 'on' }).breachCheck).toEqual({ url });
    const mirror = (BREACH_CHECK_URL: string, more = {}) => ({ BREACH_CHECK: 'on', BREACH_CHECK_URL, ...more });
    expect(parseConfig(mirror('https://mirror.test/range')).breachCheck).toEqual({ url: 'https://mirror.test/range/' });
    expect(problemsOf({ BREACH_CHECK_URL: url })).toEqual(['BREACH_CHECK_URL']);
    for (const bad of ['mirror.test', 'https://mirror.test/range?x=', 'https://u:p@mirror.test/range/']) {
      expect([bad, problemsOf(mirror(bad))]).toEqual([bad, ['BREACH_CHECK_URL']]);
    }
    const production = { NODE_ENV: 'production' };
    expect(problemsOf(mirror('http://mirror.test/', production))).toContain('BREACH_CHECK_URL');
    for (const good of ['https://mirror.test/', 'http://127.0.0.1:8080/']) {
      expect(problemsOf(mirror(good, production))).not.toContain('BREACH_CHECK_URL');
    }
  });

  test('docs/settings.md and .env.example list every setting', () => {
    expect(readFileSync('docs/settings.md', 'utf8')).toBe(printedSettings());
    const example = readFileSync('.env.example', 'utf8');
    for (const [name] of SETTINGS) expect(example).toContain(`# ${name}=`);
  });
});

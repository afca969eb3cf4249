/** DATABASE_URL with several servers, as libpq writes it. */
import { describe, expect, test } from 'vitest';
import { parseConfig } from '#config/config.ts';
import { placeOf, serversOf } from '#config/database/database-url.ts';
import { ConfigError } from '#config/environment.ts';

describe('the servers of a URL', () => {
  test.each([
    ['postgresql://u:p@one:1/db?sslmode=disable', ['postgresql://u:p@one:1/db?sslmode=disable']],
    [
      'postgresql://u:p%40@one:1,two:2,three/db?sslmode=disable&target_session_attrs=read-write',
      [
        'postgresql://u:p%40@one:1/db?sslmode=disable',
        'postgresql://u:p%40@two:2/db?sslmode=disable',
        'postgresql://u:p%40@three/db?sslmode=disable',
      ],
    ],
    ['postgres://[::1]:1,[fe80::2]/db', ['postgres://[::1]:1/db', 'postgres://[fe80::2]/db']],
    ['postgresql:///db?host=one,two&port=1,2&user=u', ['postgresql://one:1/db?user=u', 'postgresql://two:2/db?user=u']],
    ['postgresql:///db?host=one,two&port=7', ['postgresql://one:7/db', 'postgresql://two:7/db']],
    ['postgresql://u@/db?host=/run/postgresql', ['postgresql://u@/db?host=/run/postgresql']],
  ])('%s', (url, servers) => {
    expect(serversOf(url)).toEqual(servers);
  });

  test('are told without user and password', () => {
    expect(placeOf('postgresql://ada:secret@one:1,two/db')).toBe('one:1,two:5432/db');
    expect(placeOf('postgresql://ada:secret@one/db')).toBe('one:5432/db');
  });
});

describe('DATABASE_URL', () => {
  const problemsOf = (url: string, more: Record<string, string> = {}) => {
    try {
      parseConfig({ DATABASE_URL: url, SECRET: 'q8Zr2mVx0LkT5nWb9cYs3dHu7fJg1aPe', ...more });
      return [];
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return error.problems.map(({ variable, problem }) => `${variable} ${problem}`);
    }
  };

  test('may name several servers, each of which has to be one', () => {
    expect(problemsOf('postgresql://u:p@one:1,two:2/db?target_session_attrs=read-write')).toEqual([]);
    expect(problemsOf('postgresql://u:p@one:1,two:x/db')).toEqual([expect.stringContaining('is not a valid URL')]);
  });

  test('must not ask for a server that only reads', () => {
    expect(problemsOf('postgresql://one,two/db?target_session_attrs=standby')).toEqual([
      expect.stringContaining('target_session_attrs'),
    ]);
  });

  test('is encrypted to each of them in production', () => {
    const production = {
      NODE_ENV: 'production',
      PUBLIC_URL: 'https://auth.example.test',
      SMTP_URL: 'smtp://localhost',
    };
    const problems = problemsOf('postgresql://u:p@localhost,db.example.test/db', production);
    expect(problems).toEqual([expect.stringContaining('DATABASE_URL must be encrypted')]);
    expect(problemsOf('postgresql://u:p@one,two/db?sslmode=verify-full', production)).toEqual([]);
  });
});

describe('DATABASE_REPLICA_URLS', () => {
  const SECRET = 'q8Zr2mVx0LkT5nWb9cYs3dHu7fJg1aPe';
  const read = (urls: string, more: Record<string, string> = {}) =>
    parseConfig({ DATABASE_URL: 'postgresql://h/db', DATABASE_REPLICA_URLS: urls, SECRET, ...more }).database;
  const complaint = (urls: string, more: Record<string, string> = {}) => {
    try {
      return JSON.stringify(read(urls, more));
    } catch (error) {
      if (error instanceof ConfigError) return error.message;
      throw error;
    }
  };

  test('are separated by commas or space; each host of a URL is a replica', () => {
    const [one, two] = ['postgresql://u:p@one:1/db?sslmode=disable', 'postgres://two/db'];
    for (const list of [`${one},${two}`, `${one} ${two}`, ` ${one},\n  ${two} `]) {
      expect(read(list)).toMatchObject({ replicas: { urls: [one, two], poolSize: 4, maxLagSeconds: 30 } });
    }
    expect(read('postgresql://u@a:1,b:2/db?target_session_attrs=standby')).toMatchObject({
      replicas: { urls: ['postgresql://u@a:1/db', 'postgresql://u@b:2/db'] },
    });
    expect(read(one, { DATABASE_REPLICA_POOL_SIZE: '9', DATABASE_REPLICA_MAX_LAG: '5m' })).toMatchObject({
      replicas: { poolSize: 9, maxLagSeconds: 300 },
    });
    expect(read('')).toMatchObject({ replicas: null });
  });

  test.each([
    ['postgresql://u:hunter2@one/db,mysql://u:hunter2@two/db', 'must be a URL that starts with postgresql://'],
    ['postgresql://u:hunter#2@one/db', 'is not a valid URL'],
    ['postgresql://u:hunter2@one/db postgresql://u:hunter2@two:port/db', 'is not a valid URL'],
    ['postgresql://u:hunter2@one,two/db?target_session_attrs=read-write', 'must not ask for target_session_attrs'],
    ['postgresql://u:hunter2@one/db?pgbouncer=true', 'must not have the parameter pgbouncer'],
  ])('%s is refused in one line, without the password', (urls, problem) => {
    const told = complaint(urls);
    expect(told.split('\n').slice(1)).toEqual([expect.stringContaining(`  DATABASE_REPLICA_URLS: ${problem}`)]);
    expect(told).not.toMatch(/hunter/);
  });

  test('are refused with the embedded database, and are encrypted in production', () => {
    const url = 'postgresql://u:hunter2@db.example.test/db';
    expect(complaint(url, { DATABASE_URL: '' }).split('\n').slice(1)).toEqual([
      '  DATABASE_REPLICA_URLS: requires DATABASE_URL: the embedded database has no replicas',
    ]);
    const production = {
      NODE_ENV: 'production',
      PUBLIC_URL: 'https://auth.example.test',
      SMTP_URL: 'smtp://localhost',
      DATABASE_URL: 'postgresql://localhost/db',
    };
    expect(complaint(url, production)).toContain('DATABASE_REPLICA_URLS: must be encrypted in production');
  });
});

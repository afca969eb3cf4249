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

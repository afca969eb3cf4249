import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '#config/config.ts';
import { ConfigError } from '#config/environment.ts';
import { databaseTransportOf } from '#config/network/transport-settings.ts';

const PRODUCTION = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://auth.example.com',
  DATABASE_URL: 'postgresql://db.example.com/latchkey?sslmode=verify-full',
  SECRET: 'TrDmnIw5SAVMdyOAlwzmGbeZ4C1z6N4Ue1pcqDLvYqo',
  SMTP_URL: 'smtps://mail.example.com',
};

/** What the start says about these settings. */
function told(env: Record<string, string>): { problems: string[]; warnings: string[] } {
  try {
    const { warnings } = parseConfig({ ...PRODUCTION, ...env });
    return { problems: [], warnings: warnings.map(({ variable }) => variable) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { problems: error.problems.map(({ variable }) => variable), warnings: [] };
  }
}
const FINE = { problems: [], warnings: [] };

describe('the connection to the database', () => {
  const db = (query: string, host = 'db.example.com') => `postgresql://u:hunter2@${host}/latchkey?${query}`;
  const refused = { problems: ['DATABASE_URL'], warnings: [] };
  const warned = { problems: [], warnings: ['DATABASE_URL'] };
  const compat = 'uselibpqcompat=true';

  test.each([
    ['verified', db('sslmode=verify-full'), FINE],
    ['verified', db('sslmode=require'), FINE],
    ['verified', db('sslmode=prefer'), FINE],
    ['verified', db('ssl=true'), FINE],
    ['verified', db(`${compat}&sslmode=verify-full`), FINE],
    ['verified', db('sslnegotiation=direct'), FINE],
    ['plain', db(''), refused],
    ['plain', db('ssl=0'), refused],
    ['plain', db('ssl=false'), refused],
    ['plain', db('', '10.0.0.5'), refused],
    ['plain', db('', 'postgres'), refused],
    ['plain', db('host=db.example.com', 'localhost'), refused],
    ['plain', db('application_name=sslmode'), refused],
    ['unverified', db(`${compat}&sslmode=require`), refused],
    ['unverified', db(`${compat}&sslmode=prefer`), refused],
    ['disable', db('sslmode=disable'), warned],
    ['disable', db('sslmode=disable', 'postgres'), warned],
    ['no-verify', db('sslmode=no-verify'), warned],
    ['no-verify', db('ssl=no-verify'), warned],
    ['local', db('', 'localhost'), FINE],
    ['local', db('', '127.0.0.1:5433'), FINE],
    ['local', db('', '[::1]'), FINE],
    ['local', db('host=/run/postgresql'), FINE],
    ['local', db('', '%2Frun%2Fpostgresql'), FINE],
  ] as const)('%s: %s', (transport, url, expected) => {
    expect(databaseTransportOf(url)).toBe(transport);
    expect(told({ DATABASE_URL: url })).toEqual(expected);
    // Development takes everything, without a word.
    expect(parseConfig({ DATABASE_URL: url, SECRET: PRODUCTION.SECRET }).warnings).toEqual([]);
    if (transport === 'local') return;
    // And it is what pg makes of the URL.
    const { ssl } = new pg.Client({ connectionString: url });
    const checks = !(typeof ssl === 'object' && 'rejectUnauthorized' in ssl && ssl['rejectUnauthorized'] === false);
    const fact = ssl && ssl !== ('false' as unknown) ? (checks ? 'TLS' : 'any certificate') : 'none';
    const meant = { verified: 'TLS', unverified: 'any certificate', 'no-verify': 'any certificate' };
    expect(fact).toBe(transport in meant ? meant[transport as keyof typeof meant] : 'none');
  });

  test('a problem or warning quotes no password', () => {
    expect(() => parseConfig({ ...PRODUCTION, DATABASE_URL: db('') })).not.toThrow(/hunter2/);
    const { warnings } = parseConfig({ ...PRODUCTION, DATABASE_URL: db('sslmode=disable') });
    expect(JSON.stringify(warnings)).not.toContain('hunter2');
  });
});

describe('the connection to the collector of traces', () => {
  test.each([
    ['https://traces.example.com:4318', []],
    ['http://127.0.0.1:4318', []],
    ['http://collector:4318', ['OTEL_EXPORTER_OTLP_ENDPOINT']],
  ])('%s', (url, warnings) => {
    expect(told({ OTEL_EXPORTER_OTLP_ENDPOINT: url })).toEqual({ problems: [], warnings });
    expect(told({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_SDK_DISABLED: 'true' })).toEqual(FINE);
  });

  test('is judged by the variable that counts', () => {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://traces.example.com',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://traces.example.com/v1/traces',
    };
    expect(told(env).warnings).toEqual(['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']);
  });
});

describe('the connection to the mail server', () => {
  const mail = (env: Record<string, string>) => {
    const { mail: config } = parseConfig({ ...PRODUCTION, ...env });
    return config.kind === 'smtp' && config.requiresTls;
  };
  const warned = { problems: [], warnings: ['SMTP_URL'] };

  test.each([
    ['smtp://mail.example.com', true, FINE],
    ['smtp://mail:1025', true, FINE],
    ['smtps://mail.example.com', true, FINE],
    ['smtp://mail.example.com?requireTLS=true', true, FINE],
    ['smtp://mail.example.com?requireTLS=false', true, warned],
    ['smtp://mail.example.com?requireTLS=0', true, warned],
    ['smtps://mail.example.com?tls.rejectUnauthorized=false', true, warned],
    ['smtp://localhost', false, FINE],
    ['smtp://127.0.0.1:25', false, FINE],
  ] as const)('%s', (url, requiresTls, expected) => {
    expect([mail({ SMTP_URL: url }), told({ SMTP_URL: url })]).toEqual([requiresTls, expected]);
  });

  test('in development a server without TLS is taken', () => {
    expect(mail({ NODE_ENV: 'development', SMTP_URL: 'smtp://mailpit:1025' })).toBe(false);
  });
});

test('Node does not switch off the check of every certificate in production', () => {
  expect(told({ NODE_TLS_REJECT_UNAUTHORIZED: '0' }).problems).toEqual(['NODE_TLS_REJECT_UNAUTHORIZED']);
  expect(told({ NODE_TLS_REJECT_UNAUTHORIZED: '1' })).toEqual(FINE);
});

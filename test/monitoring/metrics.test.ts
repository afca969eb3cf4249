import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BUDGET_NAMES } from '#core/limits/budgets.ts';
import { COUNTERS, DURATIONS, READINGS } from '#outside/telemetry/metric-list.ts';
import {
  EndOtherSessionsDocument,
  LoginDocument,
  LogoutDocument,
  LogoutEverywhereDocument,
  MeDocument,
  RegisterDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';
import { METRICS_TOKEN, metricOf, readMetrics, samplesIn } from '../support/metrics.ts';
import { dataDirectory, startService } from '../support/process.ts';

const NAMES = [COUNTERS, DURATIONS, READINGS].flatMap((list) => Object.keys(list));

describe.each(ENGINES)('/metrics on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine, env: { METRICS_TOKEN } });
  });
  afterAll(() => latchkey.close());

  const post = (body: object) =>
    latchkey.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  /** How much a metric grew while `work` ran. */
  async function growth(name: string, labels: Record<string, string>, work: () => Promise<unknown>): Promise<number> {
    const before = metricOf(await readMetrics(latchkey), name, labels);
    await work();
    return metricOf(await readMetrics(latchkey), name, labels) - before;
  }

  test('is for those who have the token', async () => {
    const wrong = [{}, { authorization: 'Bearer wrong' }, { authorization: METRICS_TOKEN }];
    for (const headers of [...wrong, { authorization: `Bearer ${METRICS_TOKEN}x` }]) {
      const refused = await latchkey.fetch('/metrics', { headers });
      expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
      expect(await refused.text()).not.toContain('latchkey_');
    }
    const answer = await latchkey.fetch('/metrics', { headers: { authorization: `Bearer ${METRICS_TOKEN}` } });
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  });

  test('has every metric of the list, and those of the process', async () => {
    const response = await latchkey.fetch('/metrics', { headers: { authorization: `Bearer ${METRICS_TOKEN}` } });
    const described = [...(await response.text()).matchAll(/^# HELP (\w+)/gm)].map(([, name]) => name);
    expect(described).toEqual(expect.arrayContaining([...NAMES, 'nodejs_eventloop_lag_p99_seconds']));
  });

  test('requests are counted by operation and outcome', async () => {
    const { email, accessToken } = await latchkey.person();
    const login = (password: string) => latchkey.ask(LoginDocument, { input: { identifier: email, password } });
    const cases: [Record<string, string>, () => Promise<unknown>][] = [
      [{ operation: 'mutation login', outcome: 'OK' }, () => login(PASSWORD)],
      [{ operation: 'mutation login', outcome: 'INVALID_CREDENTIALS' }, () => login('wrong')],
      [{ operation: 'query me', outcome: 'OK' }, () => latchkey.ask(MeDocument, {}, { bearer: accessToken })],
      [{ operation: 'query me', outcome: 'UNAUTHENTICATED' }, () => latchkey.send(MeDocument, {}, { bearer: 'x' })],
      [{ operation: 'GET /healthz', outcome: 'OK' }, () => latchkey.fetch('/healthz')],
      [{ operation: 'other', outcome: 'HTTP_404' }, () => latchkey.fetch('/nowhere')],
      [
        { operation: 'OTHER /api/auth/login', outcome: 'METHOD_NOT_ALLOWED' },
        () => latchkey.fetch('/api/auth/login', { method: 'PROPFIND' }),
      ],
    ];
    for (const [labels, request] of cases) {
      expect([labels, await growth('latchkey_requests_total', labels, request)]).toEqual([labels, 1]);
    }
    const durations = { operation: 'query me' };
    const me = () => latchkey.ask(MeDocument, {}, { bearer: accessToken });
    expect(await growth('latchkey_request_duration_seconds_count', durations, me)).toBe(1);
  });

  test('sessions are counted when they are opened and when they are ended, whatever ends them', async () => {
    const opened = (method: string, work: () => Promise<unknown>) =>
      growth('latchkey_sessions_opened_total', { method }, work);
    const ended = (reason: string, work: () => Promise<unknown>) =>
      growth('latchkey_sessions_ended_total', { reason }, work);
    const { email, accessToken, refreshToken } = await latchkey.person();
    const bearer = { bearer: accessToken };
    const login = () => latchkey.ask(LoginDocument, { input: { identifier: email, password: PASSWORD } });
    expect(await opened('password', login)).toBe(1);
    expect(await opened('password', login)).toBe(1);
    expect(await ended('ended_by_owner', () => latchkey.ask(EndOtherSessionsDocument, {}, bearer))).toBe(2);
    expect(await ended('logout', () => latchkey.ask(LogoutDocument, { input: { refreshToken } }))).toBe(1);
    const next = await login();
    if (next.login.__typename !== 'LoginSuccess') throw new Error('no sign-in');
    const again = { bearer: next.login.tokens.accessToken };
    expect(await ended('logout_everywhere', () => latchkey.ask(LogoutEverywhereDocument, {}, again))).toBe(1);
    await login();
    const full = async () => {
      for (let session = 0; session < 50; session++) await login();
    };
    expect(await ended('too_many_sessions', full)).toBe(1);
  });

  test('emails, passwords, the key, and the connections are told', async () => {
    expect(await growth('latchkey_password_hashes_total', {}, () => latchkey.person())).toBeGreaterThan(1);
    latchkey.advance({ hours: 1 });
    const samples = await readMetrics(latchkey);
    expect(metricOf(samples, 'latchkey_signing_key_age_seconds')).toBeGreaterThanOrEqual(3600);
    expect(metricOf(samples, 'latchkey_clock_skew_seconds')).toBeCloseTo(3600, -1);
    expect(metricOf(samples, 'latchkey_database_up')).toBe(1);
    expect(metricOf(samples, 'latchkey_workers')).toBe(1);
    expect(metricOf(samples, 'latchkey_password_hash_slots')).toBe(2);
    const most = metricOf(samples, 'latchkey_database_connections_max');
    expect(most).toBe(engine === 'postgresql' ? 10 : 0);
    const open = samples.filter(({ name }) => name === 'latchkey_database_connections').map(({ value }) => value);
    expect(open.reduce((sum, value) => sum + value, 0) > 0).toBe(engine === 'postgresql');
  });

  test('emails that wait, and since when, are told while the mail server refuses them', async () => {
    const emails = (outcome: string) => async () =>
      metricOf(await readMetrics(latchkey), 'latchkey_emails_total', { email: 'verify-email', outcome });
    const waiting = async () => metricOf(await readMetrics(latchkey), 'latchkey_emails_waiting');
    const sentBefore = await emails('sent')();
    await latchkey.smtp.pause();
    const input = { name: 'Ada Example', email: latchkey.address(), password: PASSWORD };
    await latchkey.ask(RegisterDocument, { input });
    await expect.poll(emails('delayed')).toBeGreaterThan(0);
    expect(await waiting()).toBe(1);
    expect(metricOf(await readMetrics(latchkey), 'latchkey_emails_oldest_seconds')).toBeGreaterThan(0);
    await latchkey.smtp.resume();
    await expect.poll(emails('sent'), { timeout: 20_000 }).toBe(sentBefore + 1);
    await expect.poll(waiting).toBe(0);
  });

  test('the age of the last clean-up grows where none is completed, also when its jobs are no longer on record', async () => {
    const { prisma } = latchkey.app.parts.database;
    const age = async () => metricOf(await readMetrics(latchkey), 'latchkey_clean_up_age_seconds');
    await prisma.$executeRaw`DELETE FROM pgboss.job WHERE name = 'clean-up'`;
    expect(await age()).toBeLessThan(3600);
    await prisma.$executeRaw`UPDATE pgboss.queue SET created_on = now() - interval '3 hours' WHERE name = 'clean-up'`;
    expect(await age()).toBeGreaterThan(7200);
    await prisma.$executeRaw`UPDATE pgboss.queue SET created_on = now() - interval '1 year' WHERE name = 'clean-up'`;
    expect(await age()).toBeCloseTo(86_400, -1);
  });

  test('what a budget refuses is counted by its name, also before it has refused anything', async () => {
    const names = (await readMetrics(latchkey)).filter(({ name }) => name === 'latchkey_budget_refusals_total');
    expect(names.map(({ labels }) => labels['budget']).sort()).toEqual(BUDGET_NAMES.toSorted());
    const wrong = async () => {
      const input = { identifier: latchkey.address(), password: 'wrong' };
      for (let attempt = 0; attempt < 6; attempt++) await latchkey.ask(LoginDocument, { input });
    };
    expect(await growth('latchkey_budget_refusals_total', { budget: 'login-account' }, wrong)).toBe(1);
  });

  test('no label holds what a client chose: the operations are few, whatever is asked', async () => {
    const { email, accessToken } = await latchkey.person();
    const fields = ['me', 'currentOrganization', 'node', 'sessions', '__typename', '__schema'];
    for (const [at, field] of fields.entries()) {
      const query = `query Secret${at} { a${at}: __typename ${field === 'node' ? '' : '__typename'} b: __typename }`;
      await post({ query, operationName: `Secret${at}` });
      await post({ query: `query { ${field}${at} }` });
      await latchkey.fetch(`/${email}/${accessToken}`);
      await latchkey.fetch(`/api/exist-email/${encodeURIComponent(email)}`);
    }
    await post({ query: `{ me { id } ...F } fragment F on Query { __typename }` });
    const labels = (await readMetrics(latchkey)).flatMap((sample) => Object.values(sample.labels));
    for (const secret of [email, email.split('@')[0] ?? '', accessToken, 'Secret', 'Ada']) {
      expect(labels.filter((label) => label.includes(secret))).toEqual([]);
    }
    const operations = new Set(
      (await readMetrics(latchkey)).flatMap(({ labels: { operation } }) =>
        operation === undefined ? [] : [operation],
      ),
    );
    expect(operations).toContain('query (several)');
    expect(
      [...operations].filter(
        (name) => !/^(?:other|(?:query|mutation) (?:\w+|\(several\))|[A-Z]+ \/[\w./{}:-]*)$/.test(name),
      ),
    ).toEqual([]);
  });
});

test('docs/monitoring.md explains every metric, and no other', () => {
  const explained = [...readFileSync('docs/monitoring.md', 'utf8').matchAll(/^\| `(latchkey_\w+)` \|/gm)];
  expect(explained.map(([, name]) => name).sort()).toEqual(NAMES.toSorted());
});

describe('/metrics', () => {
  test('is not there unless a setting says so', async () => {
    const latchkey = await startLatchkey();
    expect((await latchkey.fetch('/metrics')).status).toBe(404);
    await latchkey.close();
  });

  test('with METRICS_PORT is on a port of its own only, and needs no token', async () => {
    const data = await dataDirectory('migrated');
    const service = await startService({ DATA_DIR: data.path, METRICS_PORT: '0' });
    expect((await service.fetch('/metrics')).status).toBe(404);
    const port = /"metricsPort":(\d+)/.exec(service.stdout())?.[1];
    const url = (path: string) => `http://127.0.0.1:${port}${path}`;
    const answer = await fetch(url('/metrics'));
    expect(answer.status).toBe(200);
    expect(metricOf(samplesIn(await answer.text()), 'latchkey_workers')).toBe(1);
    expect((await fetch(url('/healthz'))).status).toBe(404);
    expect(await service.stop()).toMatchObject({ code: 0 });
    await data.drop();
  });
});

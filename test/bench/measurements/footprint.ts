/**
 * What each operation leaves behind: statements, and bytes of write-ahead log (WAL), in a database with 100,000
 * people; and what a person, a session and an audit event take on the disk. The table is in docs/scaling.md.
 */
import pg from 'pg';
import { createApp } from '#app.ts';
import { parseConfig } from '#config/config.ts';
import { startSmtpServer } from '../../support/smtp.ts';
import { workOf } from '../../support/work.ts';
import type { Bench, Result } from '../measurement.ts';
import { PASSWORD } from '../seed.ts';

const PEOPLE = 100_000;
const EVENTS_EACH = 3;
/** Every operation by so many people, one after the other. */
const TIMES = 200;
const QUICK_TIMES = 10;

const SETTINGS = {
  PUBLIC_URL: 'http://latchkey.example',
  SECRET: 'only good for a benchmark, 48 bytes and a bit more',
  TRUSTED_PROXIES: '127.0.0.1',
  LOG_LEVEL: 'error',
  // They cost the database nothing, so they may be as weak as can be.
  HASH_MEMORY_KIB: '64',
  HASH_ITERATIONS: '1',
  MAIL_FROM: 'bench@latchkey.example',
};
const USER_AGENT = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0';

const input = (name: string, type: string, success: string) =>
  `mutation ($input: ${type}!) { ${name}(input: $input) { __typename ... on ${success} } }`;
const TOKENS = 'Success { tokens { accessToken refreshToken } }';
const REGISTER = input('register', 'RegisterInput', 'RegisterSuccess { email }');
const VERIFY = input('verifyEmail', 'VerifyEmailInput', 'VerifyEmailSuccess { user { id } }');
const LOGIN = input('login', 'LoginInput', 'LoginSuccess { tokens { accessToken refreshToken deviceToken } }');
const REFRESH = input('refresh', 'RefreshInput', `Refresh${TOKENS}`);
const REQUEST_RESET = input(
  'requestPasswordReset',
  'RequestPasswordResetInput',
  'RequestPasswordResetSuccess { email }',
);
const RESET = input('resetPassword', 'ResetPasswordInput', 'ResetPasswordSuccess { user { id } }');
const LOGOUT = 'mutation { logout { __typename } }';
const ME = 'query { me { __typename id name email role isVerified createdAt } }';

/** Ids in the order of time, as the service makes them: random ones would fill the indexes less well. */
const SEED = {
  name: 'footprint-seed',
  text: `
    WITH people AS (
      INSERT INTO users (id, name, email, password_hash, role, locale, email_verified_at, created_at, updated_at)
      SELECT uuidv7(), 'Person ' || n, 'person' || n || '@bench.example', $1, 'customer', 'en', now(), now(), now()
        FROM generate_series($2::int, $3::int) AS n
      RETURNING id
    ), signed_in AS (
      INSERT INTO sessions (id, user_id, created_at, authenticated_at, last_used_at, expires_at, absolute_expires_at,
                            ip_address, user_agent, amr)
      SELECT uuidv7(), id, now(), now(), now(), now() + interval '14 days', now() + interval '30 days',
             '198.51.100.77', $4, '{pwd}'
        FROM people)
    INSERT INTO audit_events (id, name, outcome, subject_id, actor_id, session_ref, ip_address, user_agent, request_id,
                              method, amr, occurred_at)
    SELECT uuidv7(), 'login.completed', 'SUCCESS', id, id, left(md5(id::text), 22), '198.51.100.77', $4,
           gen_random_uuid()::text, 'password', '{pwd}', clock_timestamp()
      FROM people, generate_series(1, $5::int)`,
};
const TOGETHER = 2000;

const WAL = `
  SELECT coalesce(sum(record_size), 0)::float8 AS records, coalesce(sum(fpi_size), 0)::float8 AS pages
    FROM pg_get_wal_stats($1, $2)`;
const SIZES = `
  SELECT root::text AS "table", sum(n_live_tup)::int AS rows,
         (sum(pg_table_size(relid)) / sum(n_live_tup))::int AS "rowBytes",
         (sum(pg_indexes_size(relid)) / sum(n_live_tup))::int AS "indexBytes"
    FROM pg_stat_user_tables,
         LATERAL (SELECT coalesce(pg_partition_root(relid)::oid, relid)::regclass AS root) AS its_root
   WHERE root IN ('users'::regclass, 'sessions'::regclass, 'audit_events'::regclass) GROUP BY root ORDER BY 1`;

type Answer = { __typename: string; tokens?: { accessToken: string; refreshToken: string; deviceToken?: string } };
type Operation = { hashes: number; statements: string[]; events: number; walBytes: number; walPageBytes: number };

export async function measureFootprint({ env, stretch }: Bench): Promise<Result> {
  const server = env['DATABASE_URL'];
  if (server === undefined) return { rows: [], samples: {} };
  // As many as the command line asks for in a quick run, which only shows that this still works.
  const times = stretch(2) < 2 ? QUICK_TIMES : TIMES;
  const people = stretch(2) < 2 ? PEOPLE / 100 : PEOPLE;
  const url = new URL(server);
  url.pathname = '/footprint';
  await onDatabase(server, (client) => client.query('CREATE DATABASE footprint'));
  return onDatabase(url.href, async (observer) => {
    const smtp = await startSmtpServer();
    const app = await createApp(parseConfig({ ...SETTINGS, SMTP_URL: smtp.url, DATABASE_URL: url.href }));
    try {
      const hash = await app.parts.passwordHasher.hash(PASSWORD as Parameters<typeof app.parts.passwordHasher.hash>[0]);
      for (let first = 1; first <= people; first += TOGETHER) {
        const last = Math.min(people, first + TOGETHER - 1);
        await app.parts.database.query(SEED, [hash, first, last, USER_AGENT, EVENTS_EACH]);
      }
      await observer.query('VACUUM ANALYZE');
      await observer.query('CREATE EXTENSION pg_walinspect');
      const sizes = (await observer.query(SIZES)).rows;

      const ask = async (n: number, query: string, given?: object, bearer?: string): Promise<Answer> => {
        const request = new Request('http://localhost:4000/graphql', {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'user-agent': USER_AGENT,
            // From another network each: the limits of one network are not what is measured.
            'x-forwarded-for': `10.${n >> 8}.${n & 255}.1`,
            ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
          },
          body: JSON.stringify({ query, ...(given && { variables: { input: given } }) }),
        });
        const response = await app.fetch(request, { remoteAddress: '127.0.0.1' });
        const { data, errors } = (await response.json()) as { data?: Record<string, Answer>; errors?: object };
        const [answer] = Object.values(data ?? {});
        if (answer == null) throw new Error(`unexpected answer: ${JSON.stringify(errors)}`);
        return answer;
      };
      const everyone = Array.from({ length: times }, (_, n) => ({ n, email: `new${n}@bench.example` }));
      const codeOf = (email: string) => smtp.mails.findLast(({ to }) => to.includes(email))?.code;
      const tokens = new Map<number, NonNullable<Answer['tokens']>>();
      const keep = (n: number, answer: Answer) => {
        if (answer.tokens) tokens.set(n, answer.tokens);
        return answer;
      };
      /** @param mails how many emails have been sent when it is over */
      const measure = async (
        expected: string,
        work: (person: { n: number; email: string }) => Promise<Answer>,
        mails = 0,
      ): Promise<Operation> => {
        // After a checkpoint, the first change of each page writes the whole page: the most that there can be.
        await observer.query('CHECKPOINT');
        const events = await eventsOf(observer);
        const before = await positionOf(observer);
        const works = [];
        for (const person of everyone) {
          const request = async () => {
            const answer = await work(person);
            if (answer.__typename !== expected) throw new Error(`${answer.__typename} instead of ${expected}`);
          };
          works.push(await workOf({ app }, request));
        }
        if (mails > 0) await smtp.waitForMail(() => smtp.mails.length >= mails, 120_000);
        const after = await positionOf(observer);
        await observer.query('CHECKPOINT');
        const [wal] = (await observer.query(WAL, [before, after])).rows;
        // The one in the middle: the first ones prepare statements, and others meet background work.
        const [typical] = works.sort((a, b) => a.statements.length - b.statements.length).slice(works.length / 2);
        if (typical === undefined) throw new Error('nothing was measured');
        return {
          ...typical,
          events: ((await eventsOf(observer)) - events) / times,
          walBytes: wal.records / times,
          walPageBytes: wal.pages / times,
        };
      };

      const bearer = (n: number) => tokens.get(n)?.accessToken;
      const login = (n: number, email: string, more: { password?: string; deviceToken?: string | undefined } = {}) =>
        ask(n, LOGIN, { identifier: email, password: PASSWORD, ...more });
      const operations: Record<string, Operation> = {};
      operations['register'] = await measure(
        'RegisterSuccess',
        ({ n, email }) => ask(n, REGISTER, { name: 'Ada Example', email, password: PASSWORD }),
        times,
      );
      operations['verifyEmail'] = await measure('VerifyEmailSuccess', ({ n, email }) =>
        ask(n, VERIFY, { email, code: codeOf(email) }),
      );
      operations['login'] = await measure('LoginSuccess', async ({ n, email }) => keep(n, await login(n, email)));
      operations['login on a known device'] = await measure('LoginSuccess', async ({ n, email }) =>
        keep(n, await login(n, email, { deviceToken: tokens.get(n)?.deviceToken })),
      );
      operations['me'] = await measure('User', ({ n }) => ask(n, ME, undefined, bearer(n)));
      operations['refresh'] = await measure('RefreshSuccess', async ({ n }) =>
        keep(n, await ask(n, REFRESH, { refreshToken: tokens.get(n)?.refreshToken })),
      );
      operations['me after refresh'] = await measure('User', ({ n }) => ask(n, ME, undefined, bearer(n)));
      operations['wrong login'] = await measure('InvalidCredentialsError', ({ n, email }) =>
        login(n, email, { password: 'a wrong passphrase' }),
      );
      operations['logout'] = await measure('LogoutSuccess', ({ n }) => ask(n, LOGOUT, undefined, bearer(n)));
      const mailsSoFar = smtp.mails.length;
      operations['requestPasswordReset'] = await measure(
        'RequestPasswordResetSuccess',
        ({ n, email }) => ask(n, REQUEST_RESET, { email }),
        mailsSoFar + times,
      );
      operations['resetPassword'] = await measure('ResetPasswordSuccess', ({ n, email }) =>
        ask(n, RESET, { email, code: codeOf(email), newPassword: 'another good passphrase' }),
      );
      print(operations, sizes);
      return { rows: [], samples: { people, times, operations, sizes } };
    } finally {
      await app.close();
      await smtp.close();
    }
  });
}

async function positionOf(client: pg.Client): Promise<string> {
  return (await client.query('SELECT pg_current_wal_insert_lsn()::text AS lsn')).rows[0].lsn;
}

async function eventsOf(client: pg.Client): Promise<number> {
  return (await client.query('SELECT count(*)::int AS count FROM audit_events')).rows[0].count;
}

async function onDatabase<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function print(operations: Record<string, Operation>, sizes: { [column: string]: unknown }[]): void {
  const say = (...cells: unknown[]) => process.stdout.write(`| ${cells.join(' | ')} |\n`);
  say(
    '',
    'hashes',
    'round trips',
    'of them BEGIN, COMMIT',
    'audit events',
    'WAL bytes',
    'and pages after a checkpoint',
  );
  for (const [name, { hashes, statements, events, walBytes, walPageBytes }] of Object.entries(operations)) {
    const frame = statements.filter((each) => /^(BEGIN|COMMIT)/.test(each)).length;
    say(name, hashes, statements.length, frame, events, Math.round(walBytes), Math.round(walPageBytes));
  }
  for (const { table, rows, rowBytes, indexBytes } of sizes) {
    say(table, `${rows} rows`, `${rowBytes} bytes each`, `${indexBytes} of indexes`);
  }
}

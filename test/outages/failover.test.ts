/**
 * The primary dies under load and its synchronous standby is promoted: two replicas, real servers, and a ledger of what
 * was acknowledged, which is compared with what the new primary has.
 */
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  LoginDocument,
  MeDocument,
  RefreshDocument,
  RegisterDocument,
  UpdateProfileDocument,
  VerifyEmailDocument,
} from '../generated/graphql.ts';
import { runLatchkey } from '../support/command.ts';
import { PASSWORD, SECRET } from '../support/latchkey.ts';
import { type PostgresqlPair, startPostgresqlPair } from '../support/postgresql-server.ts';
import { type ServiceProcess, startService } from '../support/process.ts';
import { type SmtpServer, startSmtpServer } from '../support/smtp.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let pair: PostgresqlPair;
let smtp: SmtpServer;
let replicas: ServiceProcess[] = [];
beforeAll(async () => {
  [pair, smtp] = await Promise.all([startPostgresqlPair({ isSynchronous: true }), startSmtpServer()]);
});
afterAll(async () => {
  for (const replica of replicas) await replica.stop('SIGKILL');
  await smtp?.close();
  await pair?.stop();
});

/** Someone who writes all the time, and what was acknowledged of it. */
type Writer = { email: string; accessToken: string; refreshToken: string; name: number; refreshes: number };

test('nothing acknowledged is lost, nobody is signed out, and writing goes on', async ({ annotate }) => {
  const env = {
    DATABASE_URL: pair.url,
    SECRET,
    SMTP_URL: smtp.url,
    MAIL_FROM: 'no-reply@example.test',
    PUBLIC_URL: 'http://localhost:4000',
    ACCESS_TOKEN_TTL: '1h',
  };
  replicas = [await startService(env), await startService(env)];
  const [one, other] = replicas as [ServiceProcess, ServiceProcess];

  const newWriter = async (email: string): Promise<Writer> => {
    await one.ask(RegisterDocument, { input: { name: 'New', email, password: PASSWORD } });
    await smtp.waitForMail((mail) => mail.envelope.to.includes(email));
    const code = smtp.mails.find((mail) => mail.envelope.to.includes(email))?.code ?? '';
    await other.ask(VerifyEmailDocument, { input: { email, code } });
    const { login } = await one.ask(LoginDocument, { input: { identifier: email, password: PASSWORD } });
    if (login.__typename !== 'LoginSuccess') throw new Error(`no sign-in: ${JSON.stringify(login)}`);
    const { accessToken, refreshToken } = login.tokens;
    return { email, accessToken, refreshToken: refreshToken ?? '', name: 0, refreshes: 0 };
  };
  const writers = await Promise.all(['ada', 'grace', 'hedy', 'mary'].map((it) => newWriter(`${it}@example.test`)));

  let isOver = false;
  let acknowledgedAt = 0;
  const refusals: string[] = [];
  /** Alternates between the replicas; what was not acknowledged is tried again. */
  async function write(writer: Writer): Promise<void> {
    for (let turn = 0; !isOver; turn++) {
      const replica = turn % 2 === 0 ? one : other;
      try {
        const name = String(writer.name + 1);
        const { updateProfile } = await replica.ask(UpdateProfileDocument, { input: { name } }, writer.accessToken);
        if (updateProfile.__typename !== 'UpdateProfileSuccess') throw new Error(JSON.stringify(updateProfile));
        writer.name += 1;
        const { refresh } = await replica.ask(RefreshDocument, { input: { refreshToken: writer.refreshToken } });
        if (refresh.__typename !== 'RefreshSuccess') throw new Error(JSON.stringify(refresh));
        writer.refreshToken = refresh.tokens.refreshToken ?? '';
        writer.accessToken = refresh.tokens.accessToken;
        writer.refreshes += 1;
        acknowledgedAt = performance.now();
      } catch (error) {
        refusals.push(error instanceof Error ? error.message : String(error));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }
  const written = Promise.all(writers.map(write));
  const everyoneWrote = (before: readonly number[], more: number) => () =>
    writers.every(({ refreshes }, i) => refreshes >= (before[i] ?? 0) + more);
  const soFar = () => writers.map(({ refreshes }) => refreshes);

  await expect.poll(everyoneWrote(soFar(), 3), { timeout: 30_000 }).toBe(true);
  await pair.killPrimary();
  const atDeath = soFar();
  await expect.poll(() => refusals.length, { timeout: 30_000 }).toBeGreaterThan(3);
  const promotedAt = performance.now();
  await pair.promote();
  await expect.poll(everyoneWrote(atDeath, 1), { timeout: 30_000, interval: 20 }).toBe(true);
  await annotate(`everyone writes again ${Math.round(performance.now() - promotedAt)} ms after the promotion began`);
  await expect.poll(everyoneWrote(atDeath, 3), { timeout: 30_000 }).toBe(true);
  isOver = true;
  await written;
  expect(acknowledgedAt).toBeGreaterThan(promotedAt);
  // Nobody heard anything but that the service is unavailable.
  expect(refusals.filter((text) => !text.includes('SERVICE_UNAVAILABLE'))).toEqual([]);

  const client = new pg.Client({ connectionString: pair.standbyUrl });
  await client.connect();
  const { rows } = await client.query<{ email: string; name: string; generation: number; isEnded: boolean }>(`
    SELECT u.email, u.name, s.generation, s.ended_at IS NOT NULL AS "isEnded"
      FROM users u JOIN sessions s ON s.user_id = u.id WHERE NOT s.is_provisional`);
  await client.end();
  for (const { email, name, refreshes, accessToken } of writers) {
    const found = rows.find((row) => row.email === email);
    // One more may have been done without an answer.
    expect([name, name + 1]).toContain(Number(found?.name));
    expect(found?.generation).toBeGreaterThanOrEqual(refreshes);
    expect(found?.isEnded).toBe(false);
    for (const replica of replicas) expect((await replica.ask(MeDocument, {}, accessToken)).me?.email).toBe(email);
  }
  const doctor = await runLatchkey(['doctor'], { env });
  expect(doctor.stdout).toMatch(/^ok {4}database {7}PostgreSQL/m);
  expect(await Promise.all(replicas.map((replica) => replica.stop()))).toMatchObject([{ code: 0 }, { code: 0 }]);
});

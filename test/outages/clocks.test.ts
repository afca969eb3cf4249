/** Replicas whose clocks disagree, and clocks that are set back: nobody is thrown out, and nothing lasts longer. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  LoginDocument,
  MeDocument,
  ReauthenticateDocument,
  RefreshDocument,
  RegisterDocument,
  StartTotpSetupDocument,
  VerifyEmailDocument,
} from '../generated/graphql.ts';
import { ENGINES, emptyPostgresql } from '../support/database.ts';
import { PASSWORD, SECRET, startLatchkey } from '../support/latchkey.ts';
import { inherited, PREPARED, type ServiceProcess, startService } from '../support/process.ts';
import { startSmtpServer } from '../support/smtp.ts';

vi.setConfig({ testTimeout: 90_000 });

/** For NODE_OPTIONS: a machine whose clock is wrong by some seconds, and is set back by an hour at SIGUSR2. */
function machineAhead(seconds: number): string {
  const code = `
    const Real = Date;
    let shift = ${seconds * 1000};
    globalThis.Date = class Date extends Real {
      constructor(...values) { if (values.length > 0) super(...values); else super(Real.now() + shift); }
      static now() { return Real.now() + shift; }
    };
    process.on('SIGUSR2', () => { shift -= 3600000; });`;
  return `--import data:text/javascript,${encodeURIComponent(code)}`;
}

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).reverse()) await cleanUp();
});

test('replicas a minute apart share sessions, keys, codes and grace; one is set back; doctor tells it', async () => {
  const database = await emptyPostgresql();
  cleanups.push(database.drop);
  const smtp = await startSmtpServer();
  cleanups.push(smtp.close);
  const env = {
    DATABASE_URL: database.url,
    SECRET,
    SMTP_URL: smtp.url,
    MAIL_FROM: 'no-reply@example.test',
    PUBLIC_URL: 'http://localhost:4000',
  };
  const start = async (ahead: number): Promise<ServiceProcess> => {
    const service = await startService({ ...env, NODE_OPTIONS: machineAhead(ahead) });
    cleanups.push(() => service.stop('SIGKILL'));
    return service;
  };
  // The one that is ahead makes the first key.
  const ahead = await start(30);
  const behind = await start(-30);

  const email = 'ada@example.test';
  await ahead.ask(RegisterDocument, { input: { name: 'Ada', email, password: PASSWORD } });
  await smtp.waitForMail((mail) => mail.envelope.to.includes(email));
  const code = smtp.mails.at(-1)?.code ?? '';
  await behind.ask(VerifyEmailDocument, { input: { email, code } });
  const signIn = async (service: ServiceProcess) => {
    const { login } = await service.ask(LoginDocument, { input: { identifier: email, password: PASSWORD } });
    if (login.__typename !== 'LoginSuccess') throw new Error(`no sign-in: ${JSON.stringify(login)}`);
    return login.tokens;
  };
  const refresh = async (service: ServiceProcess, refreshToken: string | null) => {
    const result = await service.ask(RefreshDocument, { input: { refreshToken } });
    if (result.refresh.__typename !== 'RefreshSuccess') throw new Error(`no refresh: ${JSON.stringify(result)}`);
    return result.refresh.tokens;
  };

  for (const [first, second] of [
    [ahead, behind],
    [behind, ahead],
  ] as const) {
    const { refreshToken } = await signIn(first);
    const next = await refresh(first, refreshToken);
    // Its use shows that the answer arrived: from now on, only the grace lets the old token be used.
    expect((await first.ask(MeDocument, {}, next.accessToken)).me?.email).toBe(email);
    const again = await refresh(second, refreshToken);
    expect(again.refreshToken).toBe(next.refreshToken);
    expect((await second.ask(MeDocument, {}, next.accessToken)).me?.email).toBe(email);
    expect((await first.ask(MeDocument, {}, again.accessToken)).me?.email).toBe(email);
  }

  const { refreshToken } = await signIn(behind);
  ahead.signal('SIGUSR2');
  const next = await refresh(ahead, refreshToken);
  expect((await behind.ask(MeDocument, {}, next.accessToken)).me?.email).toBe(email);
  expect((await refresh(behind, refreshToken)).refreshToken).toBe(next.refreshToken);
  // Nobody was told that a session was stolen.
  expect(smtp.mails.filter((mail) => mail.envelope.to.includes(email))).toHaveLength(1);

  const { stdout } = await promisify(execFile)(process.execPath, [...PREPARED, 'src/cli.ts', 'doctor', '--json'], {
    env: { ...inherited(), ...env, NODE_OPTIONS: machineAhead(30) },
  }).catch((error) => error);
  expect(JSON.parse(stdout).checks).toContainEqual({
    check: 'clock',
    status: 'warn',
    message: expect.stringMatching(/^(?:29\.9|30\.\d) s ahead of the database clock/),
  });
});

describe.each(ENGINES)('a clock that is set back, on %s', (engine) => {
  test('opens no grace, prolongs no code, and stops no key from signing', async () => {
    const latchkey = await startLatchkey({ engine });
    cleanups.push(latchkey.close);
    const person = await latchkey.person();
    const refresh = (refreshToken: string) => latchkey.ask(RefreshDocument, { input: { refreshToken } });
    const first = await refresh(person.refreshToken);
    if (first.refresh.__typename !== 'RefreshSuccess') throw new Error('no refresh');
    await latchkey.ask(MeDocument, {}, { bearer: first.refresh.tokens.accessToken });
    const email = latchkey.address();
    await latchkey.ask(RegisterDocument, { input: { name: 'Grace', email, password: PASSWORD } });
    const { code } = await latchkey.mailTo(email);

    latchkey.advance({ hours: -1 });
    expect((await refresh(person.refreshToken)).refresh.__typename).toBe('SessionEndedError');
    const { verifyEmail } = await latchkey.ask(VerifyEmailDocument, { input: { email, code } });
    expect(verifyEmail.__typename).toBe('InvalidCodeError');

    // Before the first key was made.
    await latchkey.restart();
    const input = { identifier: person.email, password: PASSWORD };
    const { login } = await latchkey.ask(LoginDocument, { input });
    if (login.__typename !== 'LoginSuccess') throw new Error(`no sign-in: ${JSON.stringify(login)}`);
    const { me } = await latchkey.ask(MeDocument, {}, { bearer: login.tokens.accessToken });
    expect(me?.id).toBe(person.id);
  });

  test('keeps no sign-in recent', async () => {
    const latchkey = await startLatchkey({ engine });
    cleanups.push(latchkey.close);
    const person = await latchkey.person();
    latchkey.advance({ hours: -1 });
    const { refresh } = await latchkey.ask(RefreshDocument, { input: { refreshToken: person.refreshToken } });
    if (refresh.__typename !== 'RefreshSuccess') throw new Error('no refresh');
    const bearer = refresh.tokens.accessToken;
    const before = await latchkey.ask(StartTotpSetupDocument, {}, { bearer });
    expect(before.startTotpSetup.__typename).toBe('ReauthenticationRequiredError');

    const { reauthenticate } = await latchkey.ask(
      ReauthenticateDocument,
      { input: { password: PASSWORD } },
      { bearer },
    );
    if (reauthenticate.__typename !== 'ReauthenticateSuccess') throw new Error('no proof');
    const after = await latchkey.ask(StartTotpSetupDocument, {}, { bearer: reauthenticate.accessToken });
    expect(after.startTotpSetup.__typename).toBe('StartTotpSetupSuccess');
  });
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ConfirmTotpSetupDocument,
  LoginDocument,
  MySecurityDocument,
  ReauthenticateDocument,
  RefreshDocument,
  RemoveTotpDocument,
  SessionsDocument,
  StartTotpSetupDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { dump } from '../support/dump.ts';
import { type Latchkey, PASSWORD, type Person, startLatchkey } from '../support/latchkey.ts';
import { appOf, challengeOf, confirm, nextStep, protectedPerson, setUpApp, totpAt } from '../support/second-factor.ts';

test('the codes of this test are those of RFC 6238, appendix B', () => {
  const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'; // "12345678901234567890"
  const codes = [59, 1_111_111_109, 1_111_111_111, 1_234_567_890, 2_000_000_000, 20_000_000_000];
  expect(codes.map((seconds) => totpAt(secret, new Date(seconds * 1000)))).toEqual([
    '287082',
    '081804',
    '050471',
    '005924',
    '279037',
    '353130',
  ]);
});

describe.each(ENGINES)('authenticator apps on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
  });
  afterAll(() => latchkey.close());

  const start = async ({ accessToken: bearer }: Pick<Person, 'accessToken'>) =>
    (await latchkey.ask(StartTotpSetupDocument, {}, { bearer })).startTotpSetup;
  const started = async (person: Pick<Person, 'accessToken'>) => {
    const answer = await start(person);
    if (answer.__typename !== 'StartTotpSetupSuccess') throw new Error(JSON.stringify(answer));
    return answer;
  };
  const finish = async (
    { accessToken: bearer }: Pick<Person, 'accessToken'>,
    input: { setupToken: string; code: string; name?: string; endOtherSessions?: boolean },
  ) => (await latchkey.ask(ConfirmTotpSetupDocument, { input }, { bearer })).confirmTotpSetup;
  const security = async ({ accessToken: bearer }: Pick<Person, 'accessToken'>) =>
    (await latchkey.ask(MySecurityDocument, {}, { bearer })).me?.security;
  const events = async ({ id }: Person) =>
    (
      await latchkey.app.parts.database.prisma.auditEvent.findMany({ where: { subjectId: id }, orderBy: { id: 'asc' } })
    ).map(({ name }) => name);

  test('an app is set up in two steps: it counts from then on, and brings ten recovery codes once', async () => {
    const ada = await latchkey.person();
    expect(await security(ada)).toMatchObject({ hasPassword: true, hasSecondFactor: false, totpFactors: [] });
    const { secret, otpauthUri, qrCode, setupToken, expiresAt } = await started(ada);
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    const uri = new URL(otpauthUri);
    expect([uri.protocol, uri.host, decodeURIComponent(uri.pathname)]).toEqual([
      'otpauth:',
      'totp',
      `/auth.example.test:${ada.email}`,
    ]);
    expect(Object.fromEntries(uri.searchParams)).toEqual({
      issuer: 'auth.example.test',
      secret,
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    });
    expect(Buffer.from(qrCode.replace('data:image/svg+xml;base64,', ''), 'base64').toString()).toMatch(
      /^<svg .*<\/svg>$/s,
    );
    expect(Date.parse(expiresAt) - latchkey.app.parts.clock().getTime()).toBeGreaterThan(9 * 60_000);
    // Nothing is stored yet, and signing in takes the password alone.
    expect(await latchkey.app.parts.database.prisma.totpFactor.count({ where: { userId: ada.id } })).toBe(0);

    const code = appOf(latchkey, secret).code();
    const done = await finish(ada, { setupToken, code, name: 'Phone' });
    if (done.__typename !== 'ConfirmTotpSetupSuccess') throw new Error(JSON.stringify(done));
    expect(done).toMatchObject({ factor: { name: 'Phone' }, endedSessions: 0 });
    expect(done.recoveryCodes).toHaveLength(10);
    for (const each of done.recoveryCodes ?? [])
      expect(each).toMatch(/^(?:[0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(new Set(done.recoveryCodes).size).toBe(10);
    expect(await security(ada)).toMatchObject({
      hasSecondFactor: true,
      totpFactors: [{ id: done.factor.id, name: 'Phone', lastUsedAt: expect.any(String) }],
      recoveryCodesLeft: 10,
      recoveryCodesCreatedAt: expect.any(String),
    });
    expect((await latchkey.mailTo(ada.email, 2)).text).toContain('authenticator app was added');
    expect(await events(ada)).toContain('setup_totp.completed');

    // A second one brings no codes and leaves those that there are.
    const second = await setUpApp(latchkey, { ...ada, accessToken: done.accessToken }, 'Tablet');
    expect(second.recoveryCodes).toEqual([]);
    expect(await security(second)).toMatchObject({ recoveryCodesLeft: 10, totpFactors: [{}, { name: 'Tablet' }] });
  });

  test('the other sessions end by default, and this one has shown a second factor', async () => {
    const ada = await latchkey.person();
    const login = async () => {
      return latchkey.ask(LoginDocument, { input: { identifier: ada.email, password: PASSWORD } });
    };
    await login();
    await login();
    const { setupToken, secret } = await started(ada);
    const done = await finish(ada, { setupToken, code: appOf(latchkey, secret).code() });
    expect(done).toMatchObject({ endedSessions: 2, factor: { name: 'Authenticator app' } });
    const { me } = await latchkey.ask(SessionsDocument, {}, { bearer: ada.accessToken });
    expect(me?.sessions?.nodes).toHaveLength(1);
    if (done.__typename !== 'ConfirmTotpSetupSuccess') throw new Error(done.__typename);
    const claims = JSON.parse(Buffer.from(done.accessToken.split('.')[1] ?? '', 'base64url').toString());
    expect(claims).toMatchObject({ acr: 'aal2', amr: ['pwd', 'otp', 'mfa'], sid: ada.sessionId });
  });

  test('a setup counts once; a double click gets the same answer, with the recovery codes', async () => {
    const ada = await latchkey.person();
    const { setupToken, secret } = await started(ada);
    const code = appOf(latchkey, secret).code();
    const answers = await Promise.all(Array.from({ length: 5 }, () => finish(ada, { setupToken, code })));
    const codes = answers.map((each) => (each.__typename === 'ConfirmTotpSetupSuccess' ? each.recoveryCodes : each));
    expect(new Set(codes.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(codes[0]).toHaveLength(10);
    expect(await events(ada)).toContain('setup_totp.completed');
    expect((await events(ada)).filter((name) => name === 'setup_totp.completed')).toHaveLength(1);
    // A lost response: the client still has the token from before, and goes on with what it gets now.
    const again = await finish(ada, { setupToken, code });
    if (again.__typename !== 'ConfirmTotpSetupSuccess') throw new Error(JSON.stringify(again));
    expect(again).toMatchObject({ recoveryCodes: codes[0], endedSessions: 0 });
    expect((await started({ accessToken: again.accessToken })).secret).not.toBe(secret);
    // Not for another device, another code, or later, and no codes once one of them was used.
    const foreign = { bearer: ada.accessToken, headers: { 'user-agent': 'another' } };
    const { confirmTotpSetup } = await latchkey.ask(ConfirmTotpSetupDocument, { input: { setupToken, code } }, foreign);
    expect(confirmTotpSetup.__typename).toBe('ReauthenticationRequiredError');
    expect((await finish(ada, { setupToken, code: '000000' })).__typename).toBe('ReauthenticationRequiredError');
    const { prisma } = latchkey.app.parts.database;
    const [used] = await prisma.recoveryCode.findMany({ where: { userId: ada.id }, select: { id: true } });
    await prisma.recoveryCode.update({ where: { id: used?.id ?? '' }, data: { usedAt: new Date() } });
    expect(await finish(ada, { setupToken, code })).toMatchObject({ recoveryCodes: null });
    latchkey.advance({ minutes: 6 });
    expect((await finish(ada, { setupToken, code })).__typename).toBe('ReauthenticationRequiredError');
    expect(await latchkey.app.parts.database.prisma.totpFactor.count({ where: { userId: ada.id } })).toBe(1);
    expect(await latchkey.app.parts.database.prisma.recoveryCode.count({ where: { userId: ada.id } })).toBe(10);
  });

  test('a setup token of another session, another account, an earlier time, or nowhere is refused, and nothing changes', async () => {
    const [ada, bob] = [await latchkey.person(), await latchkey.person()];
    const { setupToken, secret } = await started(ada);
    const code = () => appOf(latchkey, secret).code();
    const { login } = await latchkey.ask(LoginDocument, { input: { identifier: ada.email, password: PASSWORD } });
    if (login.__typename !== 'LoginSuccess') throw new Error(login.__typename);
    const expired = { __typename: 'LoginExpiredError', code: 'LOGIN_EXPIRED' };
    expect(await finish(login.tokens, { setupToken, code: code() })).toMatchObject(expired);
    expect(await finish(bob, { setupToken, code: code() })).toMatchObject(expired);
    for (const forged of ['', 'a.b.c.d.e', `${setupToken}x`, setupToken.slice(0, -4), 'x'.repeat(5000), '\0']) {
      expect(await finish(ada, { setupToken: forged, code: code() }), forged.slice(0, 20)).toMatchObject(expired);
    }
    latchkey.advance({ minutes: 11 });
    expect(await finish(ada, { setupToken, code: code() })).toMatchObject(expired);
    expect(await latchkey.app.parts.database.prisma.totpFactor.count({ where: { userId: ada.id } })).toBe(0);
  });

  test('a wrong code sets up nothing, ten an hour at most are compared, and names are checked', async () => {
    const ada = await latchkey.person();
    const { setupToken, secret } = await started(ada);
    const right = () => appOf(latchkey, secret).code();
    const wrong = () => right().replace(/./, (digit) => String((Number(digit) + 1) % 10));
    const bad = await finish(ada, { setupToken, code: '', name: '' });
    expect(bad).toMatchObject({ __typename: 'ValidationError', fieldErrors: [{ path: ['name'] }, { path: ['code'] }] });
    for (let guess = 0; guess < 10; guess++) {
      expect(await finish(ada, { setupToken, code: wrong() })).toMatchObject({ code: 'INVALID_CODE' });
    }
    expect(await finish(ada, { setupToken, code: right() })).toMatchObject({ code: 'TOO_MANY_ATTEMPTS' });
    expect((await events(ada)).filter((name) => name === 'setup_totp.failed')).toHaveLength(10);
  });

  test('five apps at most', async () => {
    let ada: Person = await latchkey.person();
    for (let app = 1; app <= 5; app++) ada = await setUpApp(latchkey, ada, `App ${app}`);
    expect(await start(ada)).toMatchObject({ __typename: 'LimitReachedError' });
  });

  test('once there is a factor, only someone who has it adds or removes one', async () => {
    const ada = await protectedPerson(latchkey);
    latchkey.advance({ minutes: 16 });
    const challengeToken = await challengeOf(latchkey, ada);
    const again = await confirm(latchkey, { challengeToken, code: ada.app.code() });
    if (again.__typename !== 'LoginSuccess') throw new Error(again.__typename);
    const fresh = { accessToken: again.tokens.accessToken };
    expect((await start(fresh)).__typename).toBe('StartTotpSetupSuccess');
    // The second factor is no longer recent; the password alone is not enough.
    latchkey.advance({ minutes: 14 });
    const { refresh } = await latchkey.ask(RefreshDocument, {
      input: { refreshToken: again.tokens.refreshToken },
    });
    if (refresh.__typename !== 'RefreshSuccess') throw new Error(refresh.__typename);
    latchkey.advance({ minutes: 2 });
    const bearer = refresh.tokens.accessToken;
    const byPassword = await latchkey.ask(ReauthenticateDocument, { input: { password: PASSWORD } }, { bearer });
    if (byPassword.reauthenticate.__typename !== 'ReauthenticateSuccess') throw new Error();
    const { accessToken } = byPassword.reauthenticate;
    const refused = { __typename: 'ReauthenticationRequiredError', proofMethods: ['TOTP', 'RECOVERY_CODE'] };
    expect(await start({ accessToken })).toMatchObject({ ...refused, maxAgeSeconds: 900 });
    const input = { factorId: ada.factorId };
    const remove = async (token: string) =>
      (await latchkey.ask(RemoveTotpDocument, { input }, { bearer: token })).removeTotp;
    expect(await remove(accessToken)).toMatchObject(refused);

    const byCode = await latchkey.ask(ReauthenticateDocument, { input: { code: ada.app.code() } }, { bearer });
    if (byCode.reauthenticate.__typename !== 'ReauthenticateSuccess') throw new Error(JSON.stringify(byCode));
    const strong = byCode.reauthenticate.accessToken;
    expect(await remove(strong)).toMatchObject({
      factorId: ada.factorId,
      security: { hasSecondFactor: false, totpFactors: [], recoveryCodesLeft: 0 },
    });
    expect(await remove(strong)).toMatchObject({ __typename: 'RemoveTotpSuccess' });
    expect((await latchkey.mailTo(ada.email, 3)).text).toContain('authenticator app was removed');
    // Signing in takes the password alone again.
    const { login } = await latchkey.ask(LoginDocument, { input: { identifier: ada.email, password: PASSWORD } });
    expect(login.__typename).toBe('LoginSuccess');
  });

  test('nobody removes the factor of someone else', async () => {
    const [ada, bob] = [await protectedPerson(latchkey), await latchkey.person()];
    const input = { factorId: ada.factorId };
    const code = async (given: { factorId: string }) =>
      (await latchkey.send(RemoveTotpDocument, { input: given }, { bearer: bob.accessToken })).errors?.[0]
        ?.extensions?.['code'];
    expect(await code(input)).toBe('FORBIDDEN');
    expect((await security(ada))?.hasSecondFactor).toBe(true);
    for (const factorId of ['', 'x', '\0', '00000000-0000-7000-8000-000000000000']) {
      expect(await code({ factorId }), factorId).toBe('FORBIDDEN');
    }
  });

  test('the clock of the phone may be wrong by 30 s in either direction', async () => {
    for (const wrongBy of [-30, 30]) {
      const ada = await setUpApp(latchkey, await latchkey.person(), 'Phone', wrongBy);
      const challengeToken = await challengeOf(latchkey, ada);
      const answer = await confirm(latchkey, { challengeToken, code: ada.app.code() });
      expect(answer.__typename, String(wrongBy)).toBe('LoginSuccess');
      nextStep(latchkey);
      // Two codes are valid at a time, whichever way the phone is wrong.
      const { database, clock } = latchkey.app.parts;
      await database.prisma.totpFactor.updateMany({ where: { userId: ada.id }, data: { lastStep: 0n } });
      const valid = [];
      for (let steps = -3; steps <= 3; steps++) {
        await database.prisma.totpFactor.updateMany({ where: { userId: ada.id }, data: { lastStep: 0n } });
        const code = totpAt(ada.secret, clock(), steps);
        const tried = await confirm(latchkey, { challengeToken: await challengeOf(latchkey, ada), code });
        if (tried.__typename === 'LoginSuccess') valid.push(steps);
      }
      expect(valid, String(wrongBy)).toEqual(wrongBy === 30 ? [0, 1] : [-1, 0]);
    }
  });

  test('the dump holds no secret, no setup, and no recovery code', async () => {
    const ada = await protectedPerson(latchkey);
    const pending = await started(ada);
    const stored = await dump(latchkey);
    for (const secret of [ada.secret, pending.secret, ...ada.recoveryCodes]) {
      expect(stored).not.toContain(secret);
      expect(stored).not.toContain(secret.replaceAll('-', ''));
      expect(latchkey.logged()).not.toContain(secret);
    }
  });
});

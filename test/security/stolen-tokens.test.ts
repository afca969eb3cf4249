/** A stolen token is not raised by its owner's proof: neither an access token nor a refresh token, nor by its thief. */
import { print } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ConfirmTotpSetupDocument,
  ExportMyDataDocument,
  LoginDocument,
  ReauthenticateDocument,
  type ReauthenticateInput,
  RefreshDocument,
  RenewRecoveryCodesDocument,
  StartTotpSetupDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, type Person, startLatchkey } from '../support/latchkey.ts';
import { restClient } from '../support/rest.ts';
import { appOf, challengeOf, confirm, elsewhere, nextStep, protectedPerson } from '../support/second-factor.ts';

const NAME = '__Host-latchkey-refresh';

describe.each(ENGINES)('a stolen token, on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine, env: { ACCESS_TOKEN_TTL: '1h' } });
  });
  afterAll(() => latchkey.close());
  const prisma = () => latchkey.app.parts.database.prisma;

  const reauthenticate = async (bearer: string, input: ReauthenticateInput) =>
    (await latchkey.ask(ReauthenticateDocument, { input }, { bearer, ...elsewhere() })).reauthenticate;
  const prove = async (bearer: string, input: ReauthenticateInput) => {
    const answer = await reauthenticate(bearer, input);
    if (answer.__typename !== 'ReauthenticateSuccess') throw new Error(JSON.stringify(answer));
    return answer;
  };
  const refresh = async (refreshToken: string | null) =>
    (await latchkey.ask(RefreshDocument, { input: { refreshToken } })).refresh;
  const refreshed = async (refreshToken: string | null) => {
    const answer = await refresh(refreshToken);
    if (answer.__typename !== 'RefreshSuccess') throw new Error(JSON.stringify(answer));
    return answer.tokens;
  };
  /** What needs a recent proof of any kind, and of a second factor: whether the token is enough for it. */
  const isRecent = async (bearer: string) =>
    (await latchkey.ask(ExportMyDataDocument, {}, { bearer })).exportMyData.__typename === 'ExportMyDataSuccess';
  const isStrong = async (bearer: string) =>
    (await latchkey.ask(RenewRecoveryCodesDocument, {}, { bearer })).renewRecoveryCodes.__typename ===
    'RenewRecoveryCodesSuccess';
  const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

  test('an access token of 20 minutes is not recent after its owner has proved who they are', async () => {
    const ada = await latchkey.person();
    latchkey.advance({ minutes: 20 });
    expect(await isRecent(ada.accessToken)).toBe(false);
    const { accessToken } = await prove(ada.accessToken, { password: PASSWORD });
    expect([await isRecent(accessToken), await isRecent(ada.accessToken)]).toEqual([true, false]);
  });

  test('its thief, who knows the password, is not stronger for a second factor that the owner has shown', async () => {
    const person = await protectedPerson(latchkey);
    const trusting = await confirm(latchkey, {
      challengeToken: await challengeOf(latchkey, person),
      code: person.app.code(),
      trustDevice: true,
    });
    if (trusting.__typename !== 'LoginSuccess') throw new Error(trusting.__typename);
    const { deviceToken } = trusting.tokens;
    const input = { identifier: person.email, password: PASSWORD, deviceToken };
    const { login } = await latchkey.ask(LoginDocument, { input }, elsewhere());
    if (login.__typename !== 'LoginSuccess') throw new Error(login.__typename);
    const stolen = login.tokens.accessToken;
    nextStep(latchkey);
    const owner = await prove(stolen, { code: person.app.code(), refreshToken: login.tokens.refreshToken });
    expect([await isStrong(owner.accessToken), await isStrong(stolen)]).toEqual([true, false]);
    const thief = await prove(stolen, { password: PASSWORD });
    expect(await isStrong(thief.accessToken)).toBe(false);
    expect(claimsOf(thief.accessToken)).toMatchObject({ acr: 'aal1', amr: ['pwd'] });
    expect(claimsOf(thief.accessToken)['mfa_time']).toBeUndefined();
    // The password with an access token does not become a session that lasts.
    expect(thief.refreshToken).toBeNull();
    // And what the owner has stays what it was.
    const next = await refreshed(owner.refreshToken);
    expect(claimsOf(next.accessToken)).toMatchObject({ acr: 'aal2', amr: ['pwd', 'otp', 'mfa'] });
    expect(await isStrong(next.accessToken)).toBe(true);
  });

  test('a refresh token gives no recent access token, and ends the session once it is found out', async () => {
    const ada = await latchkey.person();
    latchkey.advance({ minutes: 20 });
    const stolen = ada.refreshToken;
    const owner = await prove(ada.accessToken, { password: PASSWORD, refreshToken: ada.refreshToken });
    expect(owner.refreshToken).not.toBe(stolen);
    // Within the grace of the exchange, as for a parallel tab.
    const thief = await refreshed(stolen);
    expect(await isRecent(thief.accessToken)).toBe(false);
    const further = await refreshed(thief.refreshToken);
    expect(await isRecent(further.accessToken)).toBe(false);
    const next = await refreshed(owner.refreshToken);
    expect(await isRecent(next.accessToken)).toBe(true);
    latchkey.advance({ minutes: 2 });
    expect((await refresh(stolen)).__typename).toBe('SessionEndedError');
    const session = await prisma().session.findUniqueOrThrow({ where: { id: ada.sessionId } });
    expect(session.endReason).toBe('replay');
  });

  test('without the refresh token, the proof lasts as long as the access token, and the refresh token goes on', async () => {
    const ada = await latchkey.person();
    latchkey.advance({ minutes: 20 });
    const answer = await prove(ada.accessToken, { password: PASSWORD });
    expect(answer).toMatchObject({ refreshToken: null, refreshTokenExpiresAt: null });
    expect(await isRecent(answer.accessToken)).toBe(true);
    expect(await isRecent((await refreshed(ada.refreshToken)).accessToken)).toBe(false);
  });

  test('one that is not the current one of this session is refused before the password counts', async () => {
    const [ada, bob] = [await latchkey.person(), await latchkey.person()];
    const ip = '203.0.113.77';
    for (const refreshToken of ['', 'x', '\u0000', bob.refreshToken, ada.accessToken]) {
      const input = { password: 'wrong', refreshToken };
      const sending = { bearer: ada.accessToken, ip };
      for (let each = 0; each < 2; each++) {
        const { reauthenticate: answer } = await latchkey.ask(ReauthenticateDocument, { input }, sending);
        expect(answer).toMatchObject({ fieldErrors: [{ path: ['refreshToken'], code: 'NOT_ALLOWED' }] });
      }
    }
    const { refreshToken } = await prove(ada.accessToken, { password: PASSWORD, refreshToken: ada.refreshToken });
    expect(refreshToken).not.toBeNull();
    // Spent long ago: someone else has it, too.
    const { accessToken } = await refreshed(refreshToken);
    latchkey.advance({ minutes: 5 });
    const spent = { input: { password: PASSWORD, refreshToken: ada.refreshToken } };
    const { errors } = await latchkey.send(ReauthenticateDocument, spent, { bearer: accessToken });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'SESSION_ENDED' });
    expect((await refresh(refreshToken)).__typename).toBe('SessionEndedError');
  });

  test('set-up of a factor raises the session that goes on with its tokens, and no other copy of them', async () => {
    const ada = await latchkey.person();
    const { startTotpSetup } = await latchkey.ask(StartTotpSetupDocument, {}, { bearer: ada.accessToken });
    if (startTotpSetup.__typename !== 'StartTotpSetupSuccess') throw new Error(startTotpSetup.__typename);
    const { secret, setupToken } = startTotpSetup;
    const input = { setupToken, code: appOf(latchkey, secret).code(), refreshToken: ada.refreshToken };
    const { confirmTotpSetup } = await latchkey.ask(ConfirmTotpSetupDocument, { input }, { bearer: ada.accessToken });
    if (confirmTotpSetup.__typename !== 'ConfirmTotpSetupSuccess') throw new Error(confirmTotpSetup.__typename);
    expect(await isStrong((await refreshed(ada.refreshToken)).accessToken)).toBe(false);
    expect(await isStrong((await refreshed(confirmTotpSetup.refreshToken)).accessToken)).toBe(true);
  });

  test('a session whose refresh token does not rotate keeps its old one, which is not raised', async () => {
    const ada = await latchkey.person();
    const rest = restClient(latchkey);
    const { body } = await rest.post('/api/auth/login/', { email: ada.email, password: PASSWORD });
    latchkey.advance({ minutes: 20 });
    const raised = await prove(body.access, { password: PASSWORD, refreshToken: body.refresh });
    const accessOf = async (token: string | null) =>
      (await rest.post('/api/auth/refresh/', { refresh: token })).body.access;
    expect(await isRecent(await accessOf(raised.refreshToken))).toBe(true);
    expect(await isRecent(await accessOf(body.refresh))).toBe(false);
  });

  describe('in a browser', () => {
    const browse = async (
      document: Parameters<typeof print>[0],
      input: object,
      cookie: string | null,
      headers: Record<string, string> = {},
    ) => {
      const response = await latchkey.fetch(
        '/graphql',
        {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'sec-fetch-site': 'same-origin',
            ...(cookie !== null && { cookie: `${NAME}=${cookie}` }),
            ...headers,
          },
          body: JSON.stringify({ query: print(document), variables: { input } }),
        },
        elsewhere().ip,
      );
      const [line] = response.headers.getSetCookie();
      const { data } = await response.json();
      return { answer: Object.values<never>(data)[0] ?? {}, cookie: line?.split(/[=;]/)[1] ?? null } as {
        answer: { __typename: string; accessToken: string; refreshToken: null; tokens: { accessToken: string } };
        cookie: string | null;
      };
    };
    const signIn = async ({ email }: Person) => {
      const input = { identifier: email, password: PASSWORD, transport: 'COOKIE' };
      const { answer, cookie } = await browse(LoginDocument, input, null);
      return { bearer: answer.tokens.accessToken, cookie };
    };
    const prove = (bearer: string, cookie: string | null, headers: Record<string, string> = {}) =>
      browse(ReauthenticateDocument, { password: PASSWORD }, cookie, { authorization: `Bearer ${bearer}`, ...headers });

    test('the cookie is exchanged, and no script sees the token', async () => {
      const { bearer, cookie } = await signIn(await latchkey.person());
      latchkey.advance({ minutes: 20 });
      const { answer, cookie: renewed } = await prove(bearer, cookie);
      expect(answer).toMatchObject({ refreshToken: null, refreshTokenExpiresAt: expect.any(String) });
      expect([typeof renewed, renewed === cookie]).toEqual(['string', false]);
      const next = await browse(RefreshDocument, {}, renewed);
      expect(await isRecent(next.answer.tokens.accessToken)).toBe(true);
    });

    test('a cookie of another session, a forged one, and one that the page may not use stay as they are', async () => {
      const ada = await signIn(await latchkey.person());
      const bob = await signIn(await latchkey.person());
      const foreign = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
      for (const [cookie, headers] of [[bob.cookie], ['x'], [ada.cookie, foreign]] as const) {
        const { answer, cookie: set } = await prove(ada.bearer, cookie, headers);
        expect([answer.__typename, set]).toEqual(['ReauthenticateSuccess', null]);
      }
      expect((await browse(RefreshDocument, {}, bob.cookie)).answer.__typename).toBe('RefreshSuccess');
    });

    test('whatever cookie comes last, of a refresh and a proof at once, goes on', async () => {
      for (let round = 0; round < 4; round++) {
        const { bearer, cookie } = await signIn(await latchkey.person());
        const answers = await Promise.all([
          browse(RefreshDocument, {}, cookie),
          prove(bearer, cookie),
          browse(RefreshDocument, {}, cookie),
          prove(bearer, cookie),
        ]);
        // Used, so that no answer counts as lost.
        for (const { answer } of answers) await isRecent(answer.accessToken ?? answer.tokens.accessToken);
        latchkey.advance({ minutes: 10 });
        for (const { answer, cookie: last } of answers) {
          expect(answer.__typename).toMatch(/Success$/);
          expect((await browse(RefreshDocument, {}, last)).answer.__typename).toBe('RefreshSuccess');
        }
      }
    });
  });
});

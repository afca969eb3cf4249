/** The client without a browser: as a server, a script or an app on a phone runs it. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OverHttp, startOverHttp } from '../../test/support/http.ts';
import { PASSWORD } from '../../test/support/latchkey.ts';
import { nextStep, protectedPerson } from '../../test/support/second-factor.ts';
import { type Auth, createAuth, type Document, isFailure, RequestError, type TokenStorage } from '../src/index.ts';

/** A storage as an app brings it along. */
function keychain(): TokenStorage & { content: string | null } {
  return {
    content: null,
    async get() {
      return this.content;
    },
    async set(refreshToken) {
      this.content = refreshToken;
    },
    async clear() {
      this.content = null;
    },
  };
}

describe('@latchkey/client without a browser', () => {
  let service: OverHttp;
  beforeAll(async () => {
    service = await startOverHttp();
  });
  afterAll(() => service.close());

  const signIn = async (options: { storage?: TokenStorage; apis?: string[] } = {}) => {
    const auth = createAuth({ url: service.url, transport: 'bearer', ...options });
    const { email } = await service.latchkey.person();
    const result = await auth.login({ identifier: email, password: PASSWORD });
    if (result.__typename !== 'LoginSuccess') throw new Error(result.__typename);
    return { auth, email, sessionId: result.session.id };
  };
  const states = (auth: Auth) => {
    const seen: string[] = [];
    auth.session.subscribe((state) => seen.push(state.status === 'signed-out' ? state.reason : state.status));
    return seen;
  };

  test('the account journey is typed, and the state follows', async () => {
    const { auth, email } = await signIn();
    const seen = states(auth);
    expect(await auth.me()).toMatchObject({ email });
    const updated = await auth.updateProfile({ name: 'Ada Lovelace' });
    expect(updated).toMatchObject({ __typename: 'UpdateProfileSuccess', user: { name: 'Ada Lovelace' } });
    expect(auth.session.current).toMatchObject({ status: 'signed-in', user: { name: 'Ada Lovelace' } });
    expect((await auth.sessions({ first: 5 }))?.nodes.filter(({ isCurrent }) => isCurrent)).toHaveLength(1);
    const wrong = await auth.changePassword({ currentPassword: 'wrong', newPassword: 'eight blue teapots' });
    expect(wrong).toMatchObject({ __typename: 'InvalidCredentialsError', message: expect.any(String) });
    const invalid = await auth.updateProfile({ name: '' });
    // The compiler knows the fields of each member.
    expect(invalid.__typename === 'ValidationError' && invalid.fieldErrors[0]?.path).toEqual(['name']);
    expect(await auth.deleteAccount({ password: PASSWORD })).toMatchObject({ __typename: 'DeleteAccountSuccess' });
    expect(await auth.token()).toBeNull();
    expect([...new Set(seen)]).toEqual(['signed-in', 'signed-out']);
  });

  test('isFailure tells a failure from the success, and a request to reauthenticate says how', async () => {
    const { auth, email } = await signIn();
    const wrong = await auth.login({ identifier: email, password: 'wrong' });
    expect(isFailure(wrong) && wrong.code).toBe('INVALID_CREDENTIALS');
    service.latchkey.advance({ minutes: 16 });
    const result = await auth.requestEmailChange({ newEmail: service.latchkey.address() });
    if (result.__typename !== 'ReauthenticationRequiredError') throw new Error(result.__typename);
    expect(result.methods).toEqual(['PASSWORD']);
    expect((await auth.reauthenticate({ password: PASSWORD })).__typename).toBe('ReauthenticateSuccess');
    const newEmail = service.latchkey.address();
    const requested = await auth.requestEmailChange({ newEmail });
    // The compiler knows that only the success is left.
    expect(isFailure(requested) ? requested.message : requested.newEmail).toBe(newEmail);
    // Of a version of the service that is not there yet.
    expect(isFailure({ __typename: 'TomorrowError', code: 'TOMORROW', message: 'Come back tomorrow.' })).toBe(true);
  });

  test('someone with a second factor signs in with its code, or with a recovery code', async () => {
    const ada = await protectedPerson(service.latchkey);
    const storage = keychain();
    const auth = createAuth({ url: service.url, transport: 'bearer', storage });
    const names: (string | undefined)[] = [];
    auth.session.subscribe(({ user }) => names.push(user?.email));
    const begin = async () => {
      const begun = await auth.login({ identifier: ada.email, password: PASSWORD });
      if (begun.__typename !== 'SecondFactorRequiredError') throw new Error(begun.__typename);
      return begun;
    };
    const { challengeToken, methods } = await begin();
    expect(methods).toEqual(['TOTP', 'RECOVERY_CODE']);
    expect(await auth.token()).toBeNull();
    expect(await auth.confirmLogin({ challengeToken, code: '000000' })).toMatchObject({ code: 'INVALID_CODE' });
    expect(storage.content).toBeNull();

    const confirmed = await auth.confirmLogin({ challengeToken, code: ada.app.code(), trustDevice: true });
    if (confirmed.__typename !== 'LoginSuccess') throw new Error(confirmed.__typename);
    expect(await auth.me()).toMatchObject({ email: ada.email });
    expect(storage.content).toBe(confirmed.tokens.refreshToken);
    await auth.logout();

    // A device that is trusted signs in with the password alone.
    const { deviceToken } = confirmed.tokens;
    const trusted = await auth.login({ identifier: ada.email, password: PASSWORD, deviceToken });
    expect(trusted.__typename).toBe('LoginSuccess');
    await auth.logout();
    nextStep(service.latchkey);
    const [recoveryCode] = ada.recoveryCodes ?? [];
    const again = await auth.confirmLogin({ challengeToken: (await begin()).challengeToken, recoveryCode });
    expect(again.__typename).toBe('LoginSuccess');
    expect(auth.session.current.user?.email).toBe(ada.email);
    expect(names.filter((name) => name !== undefined && name !== ada.email)).toEqual([]);
    auth.close();
  });

  test('the code of an email signs in', async () => {
    const { email } = await service.latchkey.person();
    const auth = createAuth({ url: service.url, transport: 'bearer' });
    const seen = service.latchkey.smtp.mails.filter(({ envelope }) => envelope.to.includes(email)).length;
    const asked = await auth.requestLogin({ email });
    if (asked.__typename !== 'RequestLoginSuccess') throw new Error(asked.__typename);
    const { code } = await service.latchkey.mailTo(email, seen + 1);
    const signedIn = await auth.loginWithEmail({ challengeToken: asked.challengeToken, code });
    expect(signedIn.__typename).toBe('LoginSuccess');
    expect(await auth.me()).toMatchObject({ email });
    auth.close();
  });

  test('a storage keeps the sign-in across starts; it is empty after a sign-out and after the end of the session', async () => {
    const storage = keychain();
    const { auth, email } = await signIn({ storage });
    auth.close();
    const next = createAuth({ url: service.url, transport: 'bearer', storage });
    expect(await next.me()).toMatchObject({ email });
    await next.logoutEverywhere();
    expect(storage.content).toBeNull();
    expect(next.session.current).toEqual({ status: 'signed-out', reason: 'signed-out' });

    await next.login({ identifier: email, password: PASSWORD });
    next.close();
    service.latchkey.advance({ days: 15 });
    const late = createAuth({ url: service.url, transport: 'bearer', storage });
    expect(await late.token()).toBeNull();
    expect(late.session.current).toEqual({ status: 'signed-out', reason: 'ended' });
    expect(storage.content).toBeNull();
  });

  test('many who need a token at once wait for one refresh', async () => {
    const { auth, email, sessionId } = await signIn();
    service.latchkey.advance({ minutes: 16 });
    const answers = await Promise.all(Array.from({ length: 20 }, () => auth.me()));
    expect(answers.map((me) => me?.email)).toEqual(Array(20).fill(email));
    const { prisma } = service.latchkey.app.parts.database;
    expect((await prisma.session.findUniqueOrThrow({ where: { id: sessionId } })).generation).toBe(2);
  });

  test('a client generated from an older schema goes on: failures it does not know have code and message', async () => {
    type Older = { login: { __typename: string; code?: string; message?: string } };
    // As a client would send it that knows no member of the union but the successful one.
    const older: Document<Older, { input: object }> = `mutation ($input: LoginInput!) {
      login(input: $input) { __typename ... on LoginSuccess { user { id } } ... on UserError { code message } } }`;
    const auth = createAuth({ url: service.url, transport: 'bearer' });
    const email = service.latchkey.address();
    await auth.register({ name: 'Ada', email, password: PASSWORD });
    const { login } = await auth.request(older, { input: { identifier: email, password: PASSWORD } });
    expect(login).toEqual({
      __typename: 'EmailNotVerifiedError',
      code: 'EMAIL_NOT_VERIFIED',
      message: expect.any(String),
    });
  });

  test('a request that the service refuses as a whole throws its code', async () => {
    const auth = createAuth({ url: `${service.url}/`, transport: 'bearer' });
    await expect(auth.request('{ users { totalCount } }')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect(auth.request('{ nonsense }')).rejects.toBeInstanceOf(RequestError);
  });

  test('a storage is refused where there is nothing to store', () => {
    const options = { url: service.url, transport: 'cookie', storage: keychain() } as const;
    expect(() => createAuth(options)).toThrow(TypeError);
  });

  describe('fetch', () => {
    let api: Server;
    let url: string;
    let tokens: (string | undefined)[] = [];
    let refuses = 0;
    beforeAll(async () => {
      api = createServer(async (request, response) => {
        tokens.push(request.headers.authorization);
        const body = (await Array.fromAsync(request)).join('');
        response.writeHead(refuses-- > 0 ? 401 : 200).end(body);
      });
      api.listen(0, '127.0.0.1');
      await once(api, 'listening');
      url = `http://localhost:${(api.address() as AddressInfo).port}/orders`;
    });
    afterAll(() => api.close());

    test('sends the token to the APIs that are named, again with a new one after 401, and once only', async () => {
      const { auth } = await signIn({ apis: [new URL(url).origin] });
      const first = await auth.token();
      [tokens, refuses] = [[], 1];
      const response = await auth.fetch(url, { method: 'POST', body: 'three teapots' });
      expect([response.status, await response.text()]).toEqual([200, 'three teapots']);
      expect(tokens).toEqual([`Bearer ${first}`, `Bearer ${await auth.token()}`]);
      expect(await auth.token()).not.toBe(first);
      [tokens, refuses] = [[], 9];
      expect((await auth.fetch(url)).status).toBe(401);
      expect(tokens).toHaveLength(2);
      await auth.logout();
      [tokens, refuses] = [[], 0];
      expect((await auth.fetch(url)).status).toBe(200);
      expect(tokens).toEqual([undefined]);
    });

    test('never sends it anywhere else', async () => {
      const { auth } = await signIn();
      tokens = [];
      await expect(auth.fetch(url)).rejects.toThrow('`apis`');
      expect(tokens).toEqual([]);
    });
  });
});

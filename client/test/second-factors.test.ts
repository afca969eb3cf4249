/** The second factors of a person, and the failures that ask for another proof, through the client and through urql. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { Client, cacheExchange, fetchExchange } from '@urql/core';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OverHttp, startOverHttp } from '../../test/support/http.ts';
import { PASSWORD } from '../../test/support/latchkey.ts';
import { appOf, nextStep, protectedPerson } from '../../test/support/second-factor.ts';
import { authLink } from '../src/apollo.ts';
import { createAuth } from '../src/index.ts';
import { authExchange } from '../src/urql.ts';

const claimsOf = (token: string | null) => decodeJwt(token ?? '');

describe('@latchkey/client and second factors', () => {
  let service: OverHttp;
  beforeAll(async () => {
    service = await startOverHttp();
  });
  afterAll(() => service.close());

  const signIn = async () => {
    const person = await service.latchkey.person();
    /** How often it refreshed. */
    let refreshes = 0;
    const counting: typeof fetch = (input, init) => {
      if (String(init?.body).includes('mutation Refresh(')) refreshes++;
      return fetch(input, init);
    };
    const auth = createAuth({ url: service.url, transport: 'bearer', fetch: counting });
    const result = await auth.login({ identifier: person.email, password: PASSWORD });
    if (result.__typename !== 'LoginSuccess') throw new Error(result.__typename);
    return { ...person, auth, refreshes: () => refreshes };
  };

  test('set up an app, renew the recovery codes, stop trusting a device, remove the app', async () => {
    const { auth, email, refreshes } = await signIn();
    const started = await auth.startTotpSetup();
    if (started.__typename !== 'StartTotpSetupSuccess') throw new Error(started.__typename);
    const app = appOf(service.latchkey, started.secret);
    const { setupToken } = started;
    expect(await auth.confirmTotpSetup({ setupToken, code: '000000' })).toMatchObject({ code: 'INVALID_CODE' });
    const confirmed = await auth.confirmTotpSetup({ setupToken, code: app.code(), name: 'Phone' });
    if (confirmed.__typename !== 'ConfirmTotpSetupSuccess') throw new Error(confirmed.__typename);
    expect(confirmed.recoveryCodes).toHaveLength(10);
    // The token that the proof gave is the one to go on with, without a refresh.
    expect([await auth.token(), refreshes()]).toEqual([confirmed.accessToken, 0]);
    expect(await auth.security()).toMatchObject({ hasSecondFactor: true, totpFactors: [{ name: 'Phone' }] });
    const renewed = await auth.renewRecoveryCodes();
    expect(renewed).toMatchObject({ __typename: 'RenewRecoveryCodesSuccess', recoveryCodes: expect.any(Array) });

    nextStep(service.latchkey);
    const other = createAuth({ url: service.url, transport: 'bearer' });
    const begun = await other.login({ identifier: email, password: PASSWORD });
    if (begun.__typename !== 'SecondFactorRequiredError') throw new Error(begun.__typename);
    const { challengeToken } = begun;
    await other.confirmLogin({ challengeToken, code: app.code(), trustDevice: true });
    const [device] = (await auth.security())?.trustedDevices ?? [];
    if (device === undefined) throw new Error('The device is not trusted.');
    expect(await auth.untrustDevice({ deviceId: device.id })).toMatchObject({ deviceId: device.id });
    const removed = await auth.removeTotp({ factorId: confirmed.factor.id });
    if (removed.__typename !== 'RemoveTotpSuccess') throw new Error(removed.__typename);
    expect(removed.security).toMatchObject({ hasSecondFactor: false, trustedDevices: [] });
    expect(await other.endOtherSessions()).toMatchObject({ __typename: 'EndOtherSessionsSuccess' });
    auth.close();
    other.close();
  });

  test('someone who has lost all of them asks for the email that removes them', async () => {
    const ada = await protectedPerson(service.latchkey);
    const auth = createAuth({ url: service.url, transport: 'bearer' });
    const begun = await auth.login({ identifier: ada.email, password: PASSWORD });
    if (begun.__typename !== 'SecondFactorRequiredError') throw new Error(begun.__typename);
    const asked = await auth.requestSecondFactorReset({ challengeToken: begun.challengeToken });
    expect(asked).toMatchObject({ __typename: 'RequestSecondFactorResetSuccess', email: expect.stringContaining('*') });
    expect(await auth.confirmSecondFactorReset({ token: 'nonsense' })).toMatchObject({ code: 'INVALID_CODE' });
    expect(await auth.undoSecurityChange({ token: 'nonsense' })).toMatchObject({ code: 'INVALID_CODE' });
    expect(auth.session.current.status).toBe('signed-out');
  });

  test('reauthenticate gives the token to go on with: no refresh, and what was refused succeeds', async () => {
    const { auth, refreshes } = await signIn();
    service.latchkey.advance({ minutes: 16 });
    await auth.me();
    expect(refreshes()).toBe(1);
    expect(await auth.startTotpSetup()).toMatchObject({
      __typename: 'ReauthenticationRequiredError',
      methods: ['PASSWORD'],
      maxAgeSeconds: 900,
    });
    const seen: string[] = [];
    auth.session.subscribe(({ status }) => seen.push(status));
    const proof = await auth.reauthenticate({ password: PASSWORD });
    if (proof.__typename !== 'ReauthenticateSuccess') throw new Error(proof.__typename);
    expect(await auth.token()).toBe(proof.accessToken);
    expect((await auth.startTotpSetup()).__typename).toBe('StartTotpSetupSuccess');
    expect([refreshes(), new Set(seen)]).toEqual([1, new Set(['signed-in'])]);
    // What it is refreshed to has the proof as well: the refresh token was exchanged with it.
    service.latchkey.advance({ minutes: 5 });
    const refreshed = await auth.token({ rejected: proof.accessToken });
    expect([refreshes(), claimsOf(refreshed)['auth_time']]).toEqual([2, claimsOf(proof.accessToken)['auth_time']]);
    expect((await auth.startTotpSetup()).__typename).toBe('StartTotpSetupSuccess');
    service.latchkey.advance({ minutes: 16 });
    expect((await auth.me())?.id).toBeDefined();
    expect(refreshes()).toBe(3);
    auth.close();
  });

  test('an API that asks for more than the token shows gets no refreshed one: RFC 9470', async () => {
    const { auth, refreshes } = await signIn();
    let asked = 0;
    const api = async () => {
      asked++;
      const headers = { 'www-authenticate': 'Bearer error="insufficient_user_authentication", max_age="300"' };
      return Response.json({ errors: [{ message: 'Please confirm that it is you.' }] }, { status: 401, headers });
    };
    const own = createServer(async (_request, response) => {
      const { status, headers } = await api();
      response.writeHead(status, Object.fromEntries(headers)).end();
    });
    own.listen(0, '127.0.0.1');
    await once(own, 'listening');
    const origin = `http://127.0.0.1:${(own.address() as AddressInfo).port}`;
    const storage = { get: async () => refreshToken, set: async () => {}, clear: async () => {} };
    const { refreshToken } = await service.latchkey.person();
    const caller = createAuth({ url: service.url, transport: 'bearer', storage, apis: [origin] });
    const before = await caller.token();
    expect((await caller.fetch(origin)).status).toBe(401);
    expect(await caller.token()).toBe(before);

    const apollo = new ApolloClient({
      cache: new InMemoryCache(),
      link: ApolloLink.from([authLink(auth), new HttpLink({ uri: 'https://api.example/graphql', fetch: api })]),
    });
    await expect(apollo.query({ query: gql('{ orders }') })).rejects.toMatchObject({ statusCode: 401 });
    const urql = new Client({
      url: 'https://api.example/graphql',
      preferGetMethod: false,
      fetch: api,
      exchanges: [authExchange(auth), fetchExchange],
    });
    expect((await urql.query('{ orders }', {}).toPromise()).error?.response?.status).toBe(401);
    expect([asked, refreshes()]).toEqual([3, 0]);
    own.closeAllConnections();
    own.close();
    auth.close();
    caller.close();
  });

  test('urql gets these failures as data, with their fields, and refreshes for none of them', async () => {
    const { auth, refreshes, email } = await signIn();
    const urql = new Client({
      url: `${service.url}/graphql`,
      preferGetMethod: false,
      exchanges: [cacheExchange, authExchange(auth), fetchExchange],
    });
    const setup = async () => {
      const { data, error } = await urql
        .mutation<{ startTotpSetup: { __typename: string } }>(
          `mutation { startTotpSetup { __typename ... on UserError { code message }
             ... on ReauthenticationRequiredError { methods maxAgeSeconds } } }`,
          {},
        )
        .toPromise();
      return data?.startTotpSetup ?? error;
    };
    service.latchkey.advance({ minutes: 16 });
    expect(await setup()).toEqual({
      __typename: 'ReauthenticationRequiredError',
      code: 'REAUTHENTICATION_REQUIRED',
      message: expect.any(String),
      methods: ['PASSWORD'],
      maxAgeSeconds: 900,
    });
    // That of the expired token.
    expect(refreshes()).toBe(1);
    await auth.reauthenticate({ password: PASSWORD });
    expect(await setup()).toEqual({ __typename: 'StartTotpSetupSuccess' });
    expect(refreshes()).toBe(1);

    const ada = await protectedPerson(service.latchkey);
    const login = await urql
      .mutation<{ login: { challengeToken: string } }>(
        `mutation ($input: LoginInput!) { login(input: $input) { __typename ... on UserError { code }
           ... on SecondFactorRequiredError { challengeToken methods } } }`,
        { input: { identifier: ada.email, password: PASSWORD } },
      )
      .toPromise();
    expect(login.data?.login).toMatchObject({ code: 'SECOND_FACTOR_REQUIRED', methods: ['TOTP', 'RECOVERY_CODE'] });
    expect((await auth.me())?.email).toBe(email);
    const { challengeToken = '' } = login.data?.login ?? {};
    expect((await auth.confirmLogin({ challengeToken, code: ada.app.code() })).__typename).toBe('LoginSuccess');
    const me = await urql.query<{ me: { email: string } }>('{ me { email } }', {}).toPromise();
    expect(me.data?.me.email).toBe(ada.email);
    auth.close();
  });
});

/** Apollo Client 4 over real HTTP, with the configuration that docs/browsers-and-sessions.md shows. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ApolloClient, CombinedGraphQLErrors, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { parse } from 'graphql';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  LoginDocument,
  LogoutDocument,
  LogoutEverywhereDocument,
  MeDocument,
  RefreshDocument,
  RegisterDocument,
  VerifyEmailDocument,
} from '../generated/graphql.ts';
import { type OverHttp, startOverHttp } from '../support/http.ts';
import { PASSWORD } from '../support/latchkey.ts';
import { protectedPerson } from '../support/second-factor.ts';
import { createClient, type SignIn } from './apollo-client.ts';
import { possibleTypesOf } from './possible-types.ts';

const possibleTypes = possibleTypesOf('schema.graphql');

describe('Apollo Client', () => {
  let service: OverHttp;
  let signIn: SignIn;
  let client: ReturnType<typeof createClient>;

  beforeAll(async () => {
    service = await startOverHttp();
  });
  afterAll(() => service.close());
  beforeEach(() => {
    signIn = { tokens: null };
    client = createClient(`${service.url}/graphql`, signIn, possibleTypes);
  });

  const login = async (identifier: string, password = PASSWORD) => {
    const { data } = await client.mutate({ mutation: LoginDocument, variables: { input: { identifier, password } } });
    if (data?.login.__typename === 'LoginSuccess') signIn.tokens = data.login.tokens;
    return data?.login;
  };
  const me = async () => (await client.query({ query: MeDocument, fetchPolicy: 'network-only' })).data?.me;
  const refreshesOf = async (sessionId: string) =>
    (await service.latchkey.app.parts.database.prisma.session.findUniqueOrThrow({ where: { id: sessionId } }))
      .generation;
  /** Someone who is signed in with this client, and whose access token has expired since. */
  const returning = async () => {
    const { email } = await service.latchkey.person();
    const result = await login(email);
    if (result?.__typename !== 'LoginSuccess') throw new Error(`login failed: ${JSON.stringify(result)}`);
    service.latchkey.advance({ minutes: 16 });
    return {
      email,
      sessionId: result.session.id,
      expired: result.tokens.accessToken,
      refreshes: await refreshesOf(result.session.id),
    };
  };

  test('a client that persists queries goes on with whole documents, asking once', async () => {
    const sent: string[] = [];
    const http = new HttpLink({
      uri: `${service.url}/graphql`,
      fetch: (url, options) => {
        sent.push(String(options?.body));
        return fetch(url, options);
      },
    });
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
    const persisted = new ApolloClient({
      cache: new InMemoryCache(),
      link: new PersistedQueryLink({ sha256 }).concat(http),
    });
    for (let time = 0; time < 2; time++) {
      const { data } = await persisted.query({ query: MeDocument, fetchPolicy: 'network-only' });
      expect(data?.me).toBeNull();
    }
    expect(sent.map((body) => 'query' in JSON.parse(body))).toEqual([false, true, true]);
  });

  test('is set up as docs/browsers-and-sessions.md shows', () => {
    const [, code = ''] = /^.*\n([\s\S]+)$/.exec(readFileSync('test/clients/apollo-client.ts', 'utf8')) ?? [];
    expect(readFileSync('docs/browsers-and-sessions.md', 'utf8')).toContain(`\`\`\`ts\n${code}\`\`\`\n`);
  });

  test('goes the first journey: register, verify, login, me, refresh, logout', async () => {
    const email = service.latchkey.address();
    const registered = await client.mutate({
      mutation: RegisterDocument,
      variables: { input: { name: 'Ada', email, password: PASSWORD } },
    });
    expect(registered.data?.register).toMatchObject({ __typename: 'RegisterSuccess', email });

    const { code } = await service.latchkey.mailTo(email);
    const verified = await client.mutate({ mutation: VerifyEmailDocument, variables: { input: { email, code } } });
    expect(verified.data?.verifyEmail.__typename).toBe('VerifyEmailSuccess');

    expect((await login(email))?.__typename).toBe('LoginSuccess');
    expect(await me()).toMatchObject({ email, name: 'Ada', isVerified: true });

    const { refreshToken } = signIn.tokens ?? {};
    const refreshed = await client.mutate({ mutation: RefreshDocument, variables: { input: { refreshToken } } });
    if (refreshed.data?.refresh.__typename !== 'RefreshSuccess') throw new Error('not refreshed');
    signIn.tokens = refreshed.data.refresh.tokens;
    expect(await me()).toMatchObject({ email });

    const loggedOut = await client.mutate({ mutation: LogoutDocument });
    expect(loggedOut.data?.logout.__typename).toBe('LogoutSuccess');
    signIn.tokens = null;
    await client.resetStore();
    expect(await me()).toBeNull();
  });

  test('gets expected failures as typed data, told apart by __typename', async () => {
    const registered = await client.mutate({
      mutation: RegisterDocument,
      variables: { input: { name: '', email: 'nobody', password: 'short' } },
    });
    const result = registered.data?.register;
    // The compiler knows the fields of each member.
    const wrong = result?.__typename === 'ValidationError' ? result.fieldErrors.map(({ path }) => path.join('.')) : [];
    expect(wrong).toEqual(['name', 'email', 'password']);
    expect(await login(service.latchkey.address(), 'wrong')).toMatchObject({
      __typename: 'InvalidCredentialsError',
      code: 'INVALID_CREDENTIALS',
      message: expect.any(String),
    });
  });

  test('generated from a schema of yesterday, it shows code and message of a failure that is new: fetchPolicy no-cache', async () => {
    const { email } = await protectedPerson(service.latchkey);
    // Frozen: from before there was a second factor.
    const yesterday: Record<string, string[]> = {
      UserError: ['InvalidCredentialsError', 'ValidationError', 'OtherError'],
      LoginResult: ['LoginSuccess', 'InvalidCredentialsError', 'ValidationError', 'OtherError'],
    };
    const old = createClient(`${service.url}/graphql`, { tokens: null }, yesterday);
    const mutation = parse(`mutation ($input: LoginInput!) {
      login(input: $input) {
        __typename
        ... on LoginSuccess { tokens { accessToken } }
        ... on UserError { code message }
      }
    }`);
    const variables = { input: { identifier: email, password: PASSWORD } };
    const { data } = await old.mutate<{ login: object }>({ mutation, variables, fetchPolicy: 'no-cache' });
    expect(data?.login).toEqual({
      __typename: 'SecondFactorRequiredError',
      code: 'SECOND_FACTOR_REQUIRED',
      message: 'Please confirm with your second factor.',
    });
    // Through the cache, with the types of yesterday, the fields of the new one are lost.
    const cached = await old.mutate<{ login: object }>({ mutation, variables });
    expect(cached.data?.login).toEqual({ __typename: 'SecondFactorRequiredError' });
  });

  test('refreshes an expired access token once for five queries at once, and answers all five', async () => {
    const { email, sessionId, expired, refreshes } = await returning();
    const screens = ['Header', 'Profile', 'Settings', 'Orders', 'Help'].map((name) =>
      parse(`query ${name} { me { id email } }`),
    );
    const answers = await Promise.all(
      screens.map((query) => client.query<{ me: { email: string } }>({ query, fetchPolicy: 'network-only' })),
    );
    expect(answers.map(({ data }) => data?.me.email)).toEqual(Array(5).fill(email));
    expect(await refreshesOf(sessionId)).toBe(refreshes + 1);
    expect(signIn.tokens?.accessToken).not.toBe(expired);
  });

  test('signs in although the access token in the header has expired', async () => {
    const { email, expired, sessionId, refreshes } = await returning();
    expect(signIn.tokens?.accessToken).toBe(expired);
    expect(await login(email)).toMatchObject({ __typename: 'LoginSuccess', user: { email } });
    expect(await refreshesOf(sessionId)).toBe(refreshes);
    expect(await me()).toMatchObject({ email });
  });

  test('is told when the session has ended elsewhere, and is nobody from then on', async () => {
    const { email } = await returning();
    const elsewhere = createClient(`${service.url}/graphql`, { ...signIn }, possibleTypes);
    await elsewhere.mutate({ mutation: LogoutEverywhereDocument });
    await expect(me()).rejects.toSatisfy(
      (error) => CombinedGraphQLErrors.is(error) && error.errors[0]?.extensions?.['code'] === 'UNAUTHENTICATED',
    );
    expect(signIn.tokens).toBeNull();
    expect(await me()).toBeNull();
    expect((await login(email))?.__typename).toBe('LoginSuccess');
  });
});

/** Signs people in and keeps them signed in. */
import type { Document } from './document.ts';
import { createEndpoint } from './endpoint.ts';
import { CookieBlockedError, RequestError } from './errors.ts';
import * as operations from './generated/operations.ts';
import { createKeeper } from './keeper.ts';
import { FOR_ANYONE, FOR_PROOF, FOR_VIEWERS, type Methods, methodsOf } from './methods.ts';
import type { LoginSuccess, Observable, SessionState, Viewer } from './session-state.ts';
import { signInOf } from './sign-in.ts';
import { isStepUp } from './step-up.ts';
import type { TokenStorage } from './storage.ts';
import type { ResultOf } from './types.ts';

export type AuthOptions = {
  /** Where the service is, for example `https://auth.example.com`. A path stays: `/graphql` is added to it. */
  url: string;
  /** `cookie` for browsers: no script ever sees the refresh token. `bearer` for apps, servers and other clients. */
  transport: 'cookie' | 'bearer';
  /** Where the refresh token is kept with `bearer`. By default in memory: a reload signs out. */
  storage?: TokenStorage;
  /** Origins besides those of the page and of `url` that `auth.fetch` may send the token to. */
  apis?: readonly string[];
  /** Instead of the global `fetch`. */
  fetch?: typeof globalThis.fetch;
};

/**
 * Every method answers with the union of the schema: look at `__typename`. Members with a `message` are failures, also
 * those that a later version of the service adds. Methods throw UnavailableError and RequestError.
 */
export type Auth = Methods & {
  /** Who is signed in, and why nobody is. */
  readonly session: Observable<SessionState>;
  /**
   * Signs in. Someone with a second factor gets SecondFactorRequiredError: continue with `confirmLogin`. Also throws
   * CookieBlockedError, as the other two ways do.
   */
  login: (input: Omit<operations.LoginInput, 'transport'>) => Promise<ResultOf<typeof operations.Login>>;
  /** The second step of a sign-in, with its `challengeToken` and a code or a recovery code. */
  confirmLogin: (input: operations.ConfirmLoginInput) => Promise<ResultOf<typeof operations.ConfirmLogin>>;
  /** Signs in with the code that `requestLogin` emailed, or with the token of the link. */
  loginWithEmail: (
    input: Omit<operations.LoginWithEmailInput, 'transport'>,
  ) => Promise<ResultOf<typeof operations.LoginWithEmail>>;
  /** Signs out on all tabs. If the service cannot be reached, nobody is signed out, and it throws. */
  logout: () => Promise<ResultOf<typeof operations.Logout>>;
  /** Ends every session of the person, on all their devices. */
  logoutEverywhere: () => Promise<ResultOf<typeof operations.LogoutEverywhere>>;
  /** The person as the service knows them now; null if nobody is signed in. */
  me: () => Promise<Viewer | null>;
  /** Where the person is signed in; null if nobody is signed in. */
  sessions: (page: operations.SessionsQueryVariables) => Promise<Sessions | null>;
  /** How the person can sign in: authenticator apps, recovery codes, trusted devices; null if nobody is signed in. */
  security: () => Promise<Security | null>;
  /** Any operation of the service, with the token of the person who is signed in. */
  request: <Result = unknown, Variables = Record<string, unknown>>(
    document: Document<Result, Variables>,
    variables?: Variables,
  ) => Promise<Result>;
  /**
   * A valid access token, after a refresh if need be; null if nobody is signed in. Throws UnavailableError.
   * @param options.rejected a token that a service has refused: another one is wanted
   */
  token: (options?: { rejected?: string | null }) => Promise<string | null>;
  /**
   * `fetch` with the access token, which is refreshed if the answer is 401, unless that asks for `reauthenticate`.
   * Only for the origins of the page, of `url` and of `apis`: for any other it throws, so that the token does not go
   * where it does not belong.
   */
  fetch: typeof globalThis.fetch;
  /** Stops timers and listeners. Nobody is signed out. */
  close: () => void;
};

type Sessions = NonNullable<operations.SessionsQuery['me']>['sessions'];
type Security = NonNullable<operations.SecurityQuery['me']>['security'];

export function createAuth(options: AuthOptions): Auth {
  const { transport, storage, apis = [] } = options;
  const isCookie = transport === 'cookie';
  if (isCookie && storage !== undefined) throw new TypeError('`storage` is for the transport `bearer`.');
  const here = globalThis.location?.href;
  const url = new URL(`${options.url.replace(/\/+$/, '')}/graphql`, here);
  const send = options.fetch ?? globalThis.fetch.bind(globalThis);
  const endpoint = createEndpoint(url.href, isCookie ? 'include' : 'omit', send);
  const keeper = createKeeper({ endpoint, isCookie, storage, name: `latchkey ${transport} ${url.href}` });
  const origins = new Set([url, here, ...apis].map((each) => each && new URL(each).origin));

  /** Once more with another token, if the service refuses the first. */
  async function withToken<Result>(ask: (token: string | null) => Promise<Result>): Promise<Result> {
    const token = await keeper.token();
    try {
      return await ask(token);
    } catch (error) {
      if (token === null || !(error instanceof RequestError) || error.code !== 'UNAUTHENTICATED') throw error;
      const next = await keeper.token(token);
      if (next === null) throw error;
      return ask(next);
    }
  }

  const request = <Result, Variables>(document: Document<Result, Variables>, variables: Variables) =>
    withToken((token) => endpoint.send(document, variables, token));

  /** In a browser, the cookie is exchanged. */
  const prove = <Result, Variables>(document: Document<Result, Variables>, variables: Variables) =>
    withToken((token) =>
      keeper.raise((refreshToken) => {
        const { input } = variables as { input: object };
        return endpoint.send(document, { input: { ...input, refreshToken } } as Variables, token);
      }),
    );

  /** What a person does to their own account changes who is signed in. */
  async function note(result: unknown): Promise<void> {
    const { __typename, user } = (result ?? {}) as { __typename?: string; user?: Viewer };
    if (user !== undefined) keeper.update(user);
    if (__typename === 'DeleteAccountSuccess') await keeper.signOut(async () => {});
  }

  const asked = <Input>(input: Input) => ({
    ...input,
    transport: isCookie ? ('COOKIE' as const) : ('BEARER' as const),
  });

  /** Every way to sign in answers with the same success. */
  const signIn = <Result extends { __typename: string }>(ask: () => Promise<Result>): Promise<Result> =>
    keeper.signIn(async (keep) => {
      const askedAt = Date.now();
      const result = await ask();
      if (!isLoginSuccess(result)) return result;
      if (isCookie && globalThis.location && url.hostname !== location.hostname) {
        await requireCookie(result.tokens.accessToken);
      }
      await keep(signInOf(result, askedAt));
      return result;
    });

  return {
    ...methodsOf(FOR_ANYONE, endpoint.send),
    ...methodsOf(FOR_VIEWERS, request, note),
    ...methodsOf(FOR_PROOF, prove),
    session: keeper.session,
    login: (input) => signIn(async () => (await endpoint.send(operations.Login, { input: asked(input) })).login),
    confirmLogin: (input) => signIn(async () => (await endpoint.send(operations.ConfirmLogin, { input })).confirmLogin),
    loginWithEmail: (input) =>
      signIn(async () => (await endpoint.send(operations.LoginWithEmail, { input: asked(input) })).loginWithEmail),
    logout: () =>
      keeper.signOut(async (signIn) => {
        const input = isCookie ? {} : { refreshToken: signIn?.refreshToken ?? null };
        return (await endpoint.send(operations.Logout, { input }, signIn?.accessToken)).logout;
      }),
    async logoutEverywhere() {
      const token = await keeper.token();
      return keeper.signOut(async () => (await endpoint.send(operations.LogoutEverywhere, {}, token)).logoutEverywhere);
    },
    async me() {
      const { me } = await request(operations.Me, {});
      if (me !== null) keeper.update(me);
      return me;
    },
    security: async () => (await request(operations.Security, {})).me?.security ?? null,
    sessions: async (page) => (await request(operations.Sessions, page)).me?.sessions ?? null,
    request: (document, variables) => request(document, variables ?? ({} as NonNullable<typeof variables>)),
    token: ({ rejected } = {}) => keeper.token(rejected),
    async fetch(input, init) {
      const first = new Request(input, init);
      const { origin } = new URL(first.url);
      if (!origins.has(origin)) throw new TypeError(`${origin} is not among \`apis\`, so it does not get the token.`);
      const token = await keeper.token();
      if (token === null) return send(first);
      const again = first.clone();
      first.headers.set('authorization', `Bearer ${token}`);
      const response = await send(first);
      const next = response.status === 401 && !isStepUp(response) ? await keeper.token(token) : null;
      if (next === null) return response;
      again.headers.set('authorization', `Bearer ${next}`);
      return send(again);
    },
    close: keeper.close,
  };

  /** With a cookie of another site, a sign-in can succeed and be lost with the next reload. Says so at once. */
  async function requireCookie(accessToken: string): Promise<void> {
    const { refresh } = await endpoint.send(operations.Refresh, { input: {} });
    if (refresh.__typename !== 'SessionEndedError') return;
    await endpoint.send(operations.Logout, { input: {} }, accessToken);
    throw new CookieBlockedError(
      `The browser did not keep the cookie of ${url.origin}. Put the service on the same site as this page, or behind ` +
        'a proxy of it, or use the transport `bearer`.',
    );
  }
}

function isLoginSuccess(result: { __typename: string }): result is LoginSuccess {
  return result.__typename === 'LoginSuccess';
}

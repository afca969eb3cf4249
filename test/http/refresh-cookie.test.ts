import { print } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  EndSessionDocument,
  LoginDocument,
  LogoutDocument,
  MeDocument,
  RefreshDocument,
} from '../generated/graphql.ts';
import { startOverHttp } from '../support/http.ts';
import { type Latchkey, PASSWORD, type Person, startLatchkey } from '../support/latchkey.ts';

const OWN = { 'sec-fetch-site': 'same-origin' };
const APP = 'https://app.example.test';
const NAME = '__Host-latchkey-refresh';
const DEVICE = '__Host-latchkey-device';

type Fetch = (path: string, init: RequestInit) => Promise<Response>;

/** A browser as far as cookies go: it keeps what it is told to, and sends it back. */
function browserOn(fetch: Fetch, kept = { cookie: '' }) {
  const send = async (
    document: Parameters<typeof print>[0],
    variables: object,
    headers: Record<string, string> = OWN,
  ) => {
    const response = await fetch('/graphql', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json',
        ...(kept.cookie === '' ? {} : { cookie: `theme=dark; ${NAME}=${kept.cookie}` }),
        ...headers,
      },
      body: JSON.stringify({ query: print(document), variables }),
    });
    const lines = response.headers.getSetCookie();
    const [, value] = /^[^=]+=([^;]*)/.exec(lines[0] ?? '') ?? [];
    if (value !== undefined) kept.cookie = value;
    const { data, errors } = await response.json();
    return {
      status: response.status,
      lines,
      answer: Object.values(data ?? {})[0] as never,
      code: errors?.[0]?.extensions?.code,
    };
  };
  return { send, kept };
}

const nameOf = (line: string) => line.split('=', 1)[0];
const loginOf = (identifier: string) => ({ input: { identifier, password: PASSWORD, transport: 'COOKIE' } });

describe('the refresh cookie through node:http', () => {
  test('is set, used and cleared as through fetch', async () => {
    const { url, latchkey, close } = await startOverHttp();
    const { email } = await latchkey.person();
    const browser = browserOn((path, init) => fetch(`${url}${path}`, init), { cookie: '' });
    const own = { origin: url };
    const login = await browser.send(LoginDocument, loginOf(email), own);
    expect(login.answer).toMatchObject({ __typename: 'LoginSuccess', tokens: { refreshToken: null } });
    expect(login.lines.map(nameOf)).toEqual([NAME, DEVICE]);
    const before = browser.kept.cookie;
    expect((await browser.send(RefreshDocument, { input: {} }, own)).answer).toMatchObject({
      __typename: 'RefreshSuccess',
    });
    expect(browser.kept.cookie).not.toBe(before);
    const logout = await browser.send(LogoutDocument, {}, own);
    expect(logout.lines).toEqual([`${NAME}=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Strict`]);
    await close();
  });
});

describe('the refresh cookie', () => {
  let latchkey: Latchkey;
  let person: Person;
  beforeAll(async () => {
    latchkey = await startLatchkey({ env: { CORS_ORIGINS: APP, COOKIE_SAME_SITE: 'lax' } });
    person = await latchkey.person();
  });
  afterAll(() => latchkey.close());

  const browser = (kept?: { cookie: string }) =>
    browserOn((path, init) => latchkey.fetch(path, init), kept ?? { cookie: '' });
  const signedIn = async () => {
    const it = browser();
    const { answer } = await it.send(LoginDocument, loginOf(person.email));
    return { ...it, answer: answer as { tokens: { accessToken: string }; session: { id: string } } };
  };

  test('holds the refresh token for as long as the session lives, where no script reads it; the answer has none', async () => {
    const { answer, lines } = await browser().send(LoginDocument, loginOf(person.email));
    expect(answer).toMatchObject({ tokens: { refreshToken: null, accessToken: expect.stringMatching(/^ey/) } });
    // The other one is that of the device, which is known from now on.
    expect(lines.map(nameOf)).toEqual([NAME, DEVICE]);
    const [, token, seconds] =
      /^__Host-latchkey-refresh=(ey[\w.-]+); Max-Age=(\d+); Path=\/; HttpOnly; Secure; SameSite=Lax$/.exec(
        lines[0] ?? '',
      ) ?? [];
    expect(Number(seconds)).toBeGreaterThan(14 * 86_400 - 60);
    expect(Number(seconds)).toBeLessThanOrEqual(14 * 86_400);
    expect(JSON.stringify(answer)).not.toContain(token);
  });

  test('without COOKIE nothing is set, and the token is in the answer', async () => {
    const { answer, lines } = await browser().send(LoginDocument, {
      input: { identifier: person.email, password: PASSWORD },
    });
    expect(lines).toEqual([]);
    expect(answer).toMatchObject({ tokens: { refreshToken: expect.stringMatching(/^ey/) } });
  });

  test('refreshes, by cookie again, and ten tabs at once get one successor', async () => {
    const { kept } = await signedIn();
    const tabs = Array.from({ length: 10 }, () => browser({ ...kept }));
    const answers = await Promise.all(tabs.map((tab) => tab.send(RefreshDocument, { input: {} })));
    for (const { answer } of answers) {
      expect(answer).toMatchObject({ __typename: 'RefreshSuccess', tokens: { refreshToken: null } });
    }
    expect(new Set(tabs.map((tab) => tab.kept.cookie)).size).toBe(1);
    expect(tabs[0]?.kept.cookie).not.toBe(kept.cookie);
  });

  test('a token in the input is used instead of it, and answered in the body', async () => {
    const { send, kept } = await signedIn();
    const other = await latchkey.person();
    const { answer, lines } = await send(RefreshDocument, { input: { refreshToken: other.refreshToken } });
    expect(answer).toMatchObject({ user: { id: other.id }, tokens: { refreshToken: expect.stringMatching(/^ey/) } });
    expect(lines).toEqual([]);
    expect(kept.cookie).not.toBe('');
  });

  test('signs out, also with an expired access token, and is cleared; doing it again is not an error', async () => {
    const { send, kept, answer } = await signedIn();
    latchkey.advance({ hours: 1 });
    const authorization = `Bearer ${answer.tokens.accessToken}`;
    const logout = await send(LogoutDocument, {}, { ...OWN, authorization });
    expect(logout.answer).toMatchObject({ endedSessionId: answer.session.id });
    expect(kept.cookie).toBe('');
    expect((await send(LogoutDocument, {}, { ...OWN, authorization })).answer).toMatchObject({ endedSessionId: null });
    expect((await send(RefreshDocument, { input: {} })).answer).toMatchObject({ __typename: 'SessionEndedError' });
  });

  test('signing out also ends the session of the access token, if that is a different one', async () => {
    const old = await latchkey.person();
    const { send, answer } = await signedIn();
    await send(LogoutDocument, {}, { ...OWN, authorization: `Bearer ${old.accessToken}` });
    for (const bearer of [old.accessToken, answer.tokens.accessToken]) {
      expect((await latchkey.send(MeDocument, {}, { bearer })).data?.me).toBeNull();
    }
  });

  test('of a session that ended is cleared at the next refresh; ending the current session clears it at once', async () => {
    const first = await signedIn();
    const second = await signedIn();
    const authorization = `Bearer ${second.answer.tokens.accessToken}`;
    const endSession = (sessionId: string) =>
      second.send(EndSessionDocument, { input: { sessionId } }, { ...OWN, authorization });
    await endSession(first.answer.session.id);
    expect(second.kept.cookie).not.toBe('');
    expect((await first.send(RefreshDocument, { input: {} })).answer).toMatchObject({
      __typename: 'SessionEndedError',
    });
    expect(first.kept.cookie).toBe('');
    await endSession(second.answer.session.id.toUpperCase());
    expect(second.kept.cookie).toBe('');
  });

  test.each<[string, Record<string, string>, boolean]>([
    ['a page of ours, by Sec-Fetch-Site', { 'sec-fetch-site': 'same-origin', origin: 'http://localhost:4000' }, true],
    ['a page of ours, by Origin', { origin: 'https://auth.example.test' }, true],
    ['a listed front end', { origin: APP, 'sec-fetch-site': 'same-site' }, true],
    ['a listed front end on another site', { origin: APP, 'sec-fetch-site': 'cross-site' }, true],
    ['no browser, with a CSRF header', { 'apollo-require-preflight': 'true' }, true],
    ['no browser, without one', {}, false],
    ['a foreign page', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, false],
    [
      'a foreign page that got a CSRF header through',
      { origin: 'https://evil.example', 'apollo-require-preflight': '1' },
      false,
    ],
    ['a page of a sibling host', { origin: 'https://www.example.test', 'sec-fetch-site': 'same-site' }, false],
    ['a sandboxed page', { origin: 'null', 'sec-fetch-site': 'cross-site' }, false],
    ['a foreign page without Origin', { 'sec-fetch-site': 'cross-site', 'apollo-require-preflight': '1' }, false],
    ['an address typed in', { 'sec-fetch-site': 'none', 'apollo-require-preflight': '1' }, false],
  ])('counts for pages of ours only: %s', async (_, headers, isAllowed) => {
    const { send, kept } = await signedIn();
    const before = kept.cookie;
    const refused = { status: 403, code: 'CSRF_BLOCKED', lines: [] };
    const login = await send(LoginDocument, loginOf(person.email), headers);
    if (!isAllowed) expect(login).toMatchObject(refused);
    else expect(login.answer).toMatchObject({ __typename: 'LoginSuccess' });
    for (const [document, variables] of [
      [RefreshDocument, { input: {} }],
      [LogoutDocument, {}],
    ] as const) {
      const result = await send(document, variables, headers);
      if (!isAllowed) expect(result).toMatchObject(refused);
      else expect(result.lines).toHaveLength(1);
    }
    if (!isAllowed) {
      expect(kept.cookie).toBe(before);
      expect((await send(RefreshDocument, { input: {} })).answer).toMatchObject({ __typename: 'RefreshSuccess' });
    }
  });

  test('changes nothing for a request that does not use it', async () => {
    const { send, answer } = await signedIn();
    const headers = { origin: 'https://evil.example', authorization: `Bearer ${answer.tokens.accessToken}` };
    expect((await send(MeDocument, {}, headers)).answer).toMatchObject({ id: person.id });
  });

  test('two of the name are none', async () => {
    const { send, kept } = await signedIn();
    const cookie = `${NAME}=${kept.cookie}; ${NAME}=ey`;
    expect((await send(RefreshDocument, { input: {} }, { ...OWN, cookie })).answer).toMatchObject({
      __typename: 'SessionEndedError',
    });
  });

  test('stands in no log line', async () => {
    const { kept, send } = await signedIn();
    const tokens = [kept.cookie];
    await send(RefreshDocument, { input: {} });
    tokens.push(kept.cookie);
    await send(LogoutDocument, {});
    for (const token of tokens) expect(latchkey.logged()).not.toContain(token.split('.')[2]);
  });
});

describe('where browsers take no Secure cookie', () => {
  test('a sign-in by cookie is refused with words, one by token works', async () => {
    const latchkey = await startLatchkey({ env: { PUBLIC_URL: 'http://auth.example.test' } });
    const { email } = await latchkey.person();
    const { login } = await latchkey.ask(LoginDocument, loginOf(email) as never, { headers: OWN });
    expect(login).toMatchObject({
      __typename: 'ValidationError',
      fieldErrors: [{ path: ['transport'], code: 'NOT_ALLOWED' }],
    });
    await latchkey.close();
  });
});

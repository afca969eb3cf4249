/** A sign-in that overwrites a browser's cookie ends the session of that cookie, by every way in. */
import { print } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ConfirmLoginDocument,
  LoginDocument,
  LoginWithEmailDocument,
  MeDocument,
  RefreshDocument,
  RequestLoginDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, type Person, startLatchkey } from '../support/latchkey.ts';
import { elsewhere, type Protected, protectedPerson } from '../support/second-factor.ts';

const NAME = '__Host-latchkey-refresh';

describe.each(ENGINES)('the session of an overwritten cookie, on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
  });
  afterAll(() => latchkey.close());
  const prisma = () => latchkey.app.parts.database.prisma;

  /** Sends it as a browser with this cookie would; `cookie` in the answer is what the browser has then. */
  const browse = async (path: string, body: string, cookie: string | null, type = 'application/json') => {
    const headers = {
      'content-type': type,
      'sec-fetch-site': 'same-origin',
      ...(cookie !== null && { cookie: `${NAME}=${cookie}` }),
    };
    const response = await latchkey.fetch(path, { method: 'POST', headers, body }, elsewhere().ip);
    const set = response.headers.getSetCookie().find((line) => line.startsWith(NAME));
    return { text: await response.text(), cookie: set?.slice(NAME.length + 1).split(';')[0] ?? cookie };
  };
  const ask = async (document: Parameters<typeof print>[0], input: object, cookie: string | null) => {
    const body = JSON.stringify({ query: print(document), variables: { input } });
    const { text, cookie: kept } = await browse('/graphql', body, cookie);
    const answer = Object.values<Record<string, never>>(JSON.parse(text).data)[0] ?? {};
    return { answer: answer as Record<string, string>, cookie: kept };
  };
  const page = (form: Record<string, string>, cookie: string | null) =>
    browse('/sign-in-with-email', new URLSearchParams(form).toString(), cookie, 'application/x-www-form-urlencoded');
  const signIn = ({ email }: { email: string }, cookie: string | null = null) =>
    ask(LoginDocument, { identifier: email, password: PASSWORD, transport: 'COOKIE' }, cookie);
  const confirm = (challengeToken: string, ada: Protected, cookie: string | null) =>
    ask(ConfirmLoginDocument, { challengeToken, code: ada.app.code() }, cookie);
  /** @param before the emails that they got before */
  const mailed = async ({ email }: Person, before: number) => {
    latchkey.advance({ minutes: 1 });
    await latchkey.mailTo(email, before);
    const { answer } = await ask(RequestLoginDocument, { email }, null);
    const { code, link } = await latchkey.mailTo(email, before + 1);
    const token = new URL(link ?? '').searchParams.get('token') ?? '';
    return { challengeToken: answer['challengeToken'] ?? '', code: code ?? '', token };
  };
  const sessionOf = async (cookie: string | null) => {
    const { sid } = JSON.parse(Buffer.from(cookie?.split('.')[1] ?? '', 'base64url').toString());
    return prisma().session.findUniqueOrThrow({ where: { id: sid } });
  };

  /** Each signs someone in, in a browser that has a cookie, and gives the new one. */
  const WAYS: Record<string, (cookie: string) => Promise<string | null>> = {
    'a password': async (cookie) => (await signIn(await latchkey.person(), cookie)).cookie,
    'an emailed code': async (cookie) => {
      const { challengeToken, code } = await mailed(await latchkey.person(), 1);
      return (await ask(LoginWithEmailDocument, { challengeToken, code, transport: 'COOKIE' }, cookie)).cookie;
    },
    'a second factor': async (cookie) => {
      const ada = await protectedPerson(latchkey);
      const begun = await signIn(ada, cookie);
      expect(begun.cookie).toBe(cookie);
      expect((await sessionOf(cookie)).endedAt).toBeNull();
      return (await confirm(begun.answer['challengeToken'] ?? '', ada, cookie)).cookie;
    },
    'the page of an emailed link': async (cookie) => {
      const { token } = await mailed(await latchkey.person(), 1);
      return (await page({ token }, cookie)).cookie;
    },
    'the page of an emailed link, with a second factor': async (cookie) => {
      const ada = await protectedPerson(latchkey);
      const { token } = await mailed(ada, 2);
      const asked = await page({ token }, cookie);
      const challenge = /name="challenge" value="([^"]+)"/.exec(asked.text)?.[1] ?? '';
      expect((await sessionOf(cookie)).endedAt).toBeNull();
      return (await page({ challenge, code: ada.app.code() }, cookie)).cookie;
    },
  };

  test.each(Object.entries(WAYS))('ends with a sign-in by %s', async (_, enter) => {
    const previous = await latchkey.person();
    const { cookie: old } = await signIn(previous);
    const cookie = await enter(old ?? '');
    expect(cookie).not.toBe(old);
    expect((await sessionOf(cookie)).endedAt).toBeNull();
    const ended = await sessionOf(old);
    expect(ended).toMatchObject({ endReason: 'replaced_by_sign_in', userId: previous.id });
    const { refresh } = await latchkey.ask(RefreshDocument, { input: { refreshToken: old } });
    expect(refresh.__typename).toBe('SessionEndedError');
    const event = { name: 'replace_session.completed', subjectId: previous.id };
    expect(await prisma().auditEvent.count({ where: event })).toBe(1);
    // The other sessions of that person go on.
    expect((await latchkey.ask(MeDocument, {}, { bearer: previous.accessToken })).me?.id).toBe(previous.id);
  });

  test('a cookie that was spent long ago counts as a replay: its session ends, and the owner is told', async () => {
    const ada = await latchkey.person();
    const { cookie: first } = await signIn(ada);
    const refreshed = await ask(RefreshDocument, {}, first);
    await ask(RefreshDocument, {}, refreshed.cookie);
    latchkey.advance({ minutes: 5 });
    await signIn(ada, first);
    expect(await sessionOf(first)).toMatchObject({ endReason: 'replay' });
  });

  test('a failed sign-in ends nothing, nor does a cookie that is forged, or one without a token', async () => {
    const [ada, bob] = [await latchkey.person(), await latchkey.person()];
    const { cookie } = await signIn(ada);
    await ask(LoginDocument, { identifier: bob.email, password: 'wrong', transport: 'COOKIE' }, cookie);
    // A sign-in without a cookie of its own leaves that of the browser alone.
    await ask(LoginDocument, { identifier: bob.email, password: PASSWORD }, cookie);
    expect((await sessionOf(cookie)).endedAt).toBeNull();
    const [header, claims] = cookie?.split('.') ?? [];
    const [, , foreign] = bob.refreshToken.split('.');
    for (const other of [`${header}.${claims}.${foreign}`, `${cookie}x`, 'x', bob.accessToken]) {
      expect((await signIn(bob, other)).answer['__typename']).toBe('LoginSuccess');
    }
    expect((await sessionOf(cookie)).endedAt).toBeNull();
    expect((await ask(RefreshDocument, {}, cookie)).answer['__typename']).toBe('RefreshSuccess');
  });

  test('five sign-ins at once with one cookie end its session once', async () => {
    const ada = await latchkey.person();
    const { cookie } = await signIn(ada);
    const answers = await Promise.all(Array.from({ length: 5 }, () => signIn(ada, cookie)));
    expect(answers.map(({ answer }) => answer['__typename'])).toEqual(Array(5).fill('LoginSuccess'));
    const event = { name: 'replace_session.completed', subjectId: ada.id };
    expect(await prisma().auditEvent.count({ where: event })).toBe(1);
  });
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ReauthenticateDocument, RefreshDocument } from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';
import { type RestClient, restClient } from '../support/rest.ts';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const NEWER_FIREFOX = FIREFOX.replaceAll('140.0', '141.0');
const SAFARI =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15';
const HOME = '192.0.2.10';
const CAFE = '198.51.100.20';

/** Whom a request comes from. */
const from = (userAgent: string | null, ip = HOME) => ({
  ip,
  headers: userAgent === null ? {} : { 'user-agent': userAgent },
});
type From = ReturnType<typeof from>;

describe.each(ENGINES)('a session whose token does not change, on %s', (engine) => {
  let latchkey: Latchkey;
  let api: RestClient;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
    api = restClient(latchkey);
  });
  afterAll(() => latchkey.close());

  const prisma = () => latchkey.app.parts.database.prisma;
  /** Signed in to the API, with what goes on with the session from wherever it is said to. */
  const apis = {
    async connectx(sender: From) {
      const person = await latchkey.person();
      const { body } = await api.post('/api/auth/login/', { email: person.email, password: PASSWORD }, sender);
      const goOn = async (next: From) => (await api.post('/api/auth/refresh/', { refresh: body.refresh }, next)).status;
      return { ...person, goOn, refresh: body.refresh as string };
    },
    async vault(sender: From) {
      const person = await latchkey.person();
      const { body } = await api.post('/api/login', { email: person.email, password: PASSWORD }, sender);
      const goOn = async (next: From) =>
        (await api.get('/api/refresh', { bearer: String(body.userToken), ...next })).status;
      return { ...person, goOn, refresh: null };
    },
  };
  const toldOf = async (id: string) =>
    (
      await prisma().auditEvent.findMany({
        where: { subjectId: id, name: { in: ['refresh.elsewhere', 'refresh.denied'] } },
      })
    ).map(({ name, ipAddress }) => [name, ipAddress]);
  const subjectsTo = (email: string) =>
    latchkey.smtp.mails.filter(({ envelope }) => envelope.to.includes(email)).map(({ subject }) => subject);

  describe.each(['connectx', 'vault'] as const)('of the API %s', (name) => {
    test('goes on where it began, also after an update', async () => {
      const { id, goOn } = await apis[name](from(FIREFOX));
      expect([await goOn(from(FIREFOX)), await goOn(from(NEWER_FIREFOX))]).toEqual([200, 200]);
      expect(await toldOf(id)).toEqual([]);
    });

    test('on another network goes on, and the owner is told once, however many requests there are', async () => {
      const { id, email, goOn } = await apis[name](from(FIREFOX));
      const before = subjectsTo(email).length;
      expect(await Promise.all([1, 2, 3, 4, 5].map(() => goOn(from(FIREFOX, CAFE))))).toEqual(Array(5).fill(200));
      expect(await goOn(from(FIREFOX, '203.0.113.9'))).toBe(200);
      const mail = await latchkey.mailTo(email, before + 1);
      expect(mail.subject).toBe('Your session was used from another network');
      expect(mail.text).toContain(`Device: Firefox, Linux. IP address: ${CAFE}.`);
      expect(await toldOf(id)).toEqual([['refresh.elsewhere', CAFE]]);
      expect(subjectsTo(email)).toHaveLength(before + 1);
    });

    test('on another device is refused, and goes on where it began', async () => {
      const { id, email, goOn } = await apis[name](from(FIREFOX));
      const before = subjectsTo(email).length;
      const lives = () =>
        prisma().session.findMany({ where: { userId: id }, select: { lastUsedAt: true, expiresAt: true } });
      const unused = await lives();
      latchkey.advance({ minutes: 1 });
      for (const thief of [SAFARI, 'curl/8.5.0', null]) expect(await goOn(from(thief, CAFE))).toBe(401);
      const mail = await latchkey.mailTo(email, before + 1);
      expect(mail.subject).toBe('We blocked your session on another device');
      expect(mail.text).toContain(`Device: Safari, macOS. IP address: ${CAFE}.`);
      // Nor does it keep the session alive.
      expect(await lives()).toEqual(unused);
      expect(await goOn(from(FIREFOX))).toBe(200);
      expect(await toldOf(id)).toEqual([['refresh.denied', CAFE]]);
    });

    test('that was used on another network and is then refused on another device, the owner is told of both', async () => {
      const { id, email, goOn } = await apis[name](from(FIREFOX));
      const before = subjectsTo(email).length;
      expect(await goOn(from(FIREFOX, CAFE))).toBe(200);
      await latchkey.mailTo(email, before + 1);
      const THIEF = '203.0.113.9';
      expect(await Promise.all([1, 2, 3].map(() => goOn(from(SAFARI, THIEF))))).toEqual(Array(3).fill(401));
      const mail = await latchkey.mailTo(email, before + 2);
      expect(mail.subject).toBe('We blocked your session on another device');
      expect(mail.text).toContain(`Device: Safari, macOS. IP address: ${THIEF}.`);
      expect(await goOn(from(FIREFOX, CAFE))).toBe(200);
      expect(await toldOf(id)).toEqual([
        ['refresh.elsewhere', CAFE],
        ['refresh.denied', THIEF],
      ]);
      expect(subjectsTo(email)).toHaveLength(before + 2);
    });

    test('of a program is bound to its name; where it has none, only a new network is told', async () => {
      const program = await apis[name](from('AcmeApp/1.0 (build 7)'));
      expect(await program.goOn(from('AcmeApp/2.3'))).toBe(200);
      expect(await program.goOn(from('OtherApp/1.0'))).toBe(401);
      const nameless = await apis[name](from(null));
      expect(await nameless.goOn(from('curl/8.5.0'))).toBe(200);
      expect(await toldOf(nameless.id)).toEqual([]);
      expect(await nameless.goOn(from('curl/8.5.0', CAFE))).toBe(200);
      expect(await toldOf(nameless.id)).toEqual([['refresh.elsewhere', CAFE]]);
    });
  });

  test('is bound wherever its refresh token is shown', async () => {
    const { refresh } = await apis.connectx(from(FIREFOX));
    const { ip, headers } = from('curl/8.5.0');
    const answer = await latchkey.ask(RefreshDocument, { input: { refreshToken: refresh } }, { ip, headers });
    expect(answer.refresh.__typename).toBe('SessionEndedError');
  });

  test('a stolen refresh token is not exchanged by a proof of identity on another device either', async () => {
    const sent = (userAgent: string | null) => from(userAgent);
    const { email } = await latchkey.person();
    const { body } = await api.post('/api/auth/login/', { email, password: PASSWORD }, sent(FIREFOX));
    const input = { password: PASSWORD, refreshToken: String(body.refresh) };
    const reauthenticate = async (userAgent: string) =>
      (await latchkey.ask(ReauthenticateDocument, { input }, { bearer: String(body.access), ...sent(userAgent) }))
        .reauthenticate;
    expect(await reauthenticate('curl/8.5.0')).toMatchObject({ fieldErrors: [{ path: ['refreshToken'] }] });
    expect((await reauthenticate(FIREFOX)).__typename).toBe('ReauthenticateSuccess');
  });

  test('a session whose token rotates is not bound: it goes on elsewhere, and nobody is told', async () => {
    const ada = await latchkey.person();
    const input = { refreshToken: ada.refreshToken };
    const { refresh } = await latchkey.ask(RefreshDocument, { input }, from('curl/8.5.0', CAFE));
    expect(refresh.__typename).toBe('RefreshSuccess');
    expect(await toldOf(ada.id)).toEqual([]);
  });
});

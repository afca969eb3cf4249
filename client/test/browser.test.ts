/** The client in a real Chromium, on an origin of its own, with the real service. */
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchBrowser } from '../../test/support/browser.ts';
import { PASSWORD } from '../../test/support/latchkey.ts';
import { type App, openTab, settled, startApp, type Tab } from './support/app.ts';
import type { Clients } from './support/page.ts';

const OUT = { status: 'signed-out', email: null };

describe('@latchkey/client in a browser', () => {
  let app: App;
  let browser: Browser;
  let context: BrowserContext;
  beforeAll(async () => {
    [app, browser] = await Promise.all([startApp(), launchBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });
  beforeEach(async () => {
    context = await browser.newContext();
    context.setDefaultTimeout(10_000);
  });
  afterEach(() => context.close());

  const login = ({ auth }: Tab, identifier: string) =>
    auth.evaluate(
      async (auth, input) => {
        const result = await auth.login(input);
        return result.__typename === 'LoginSuccess' ? result.session.id : result.__typename;
      },
      { identifier, password: PASSWORD },
    );
  /** A tab in which someone has signed in. */
  const signedIn = async (options: Parameters<typeof openTab>[2] = {}) => {
    const tab = await openTab(app, context, options);
    expect(await settled(tab)).toEqual({ ...OUT, reason: 'none' });
    const { email } = await app.latchkey.person();
    const sessionId = await login(tab, email);
    return { tab, email, sessionId, in: { status: 'signed-in', email, reason: null } };
  };
  const refreshesOf = async (id: string) =>
    (await app.latchkey.app.parts.database.prisma.session.findUniqueOrThrow({ where: { id } })).generation - 1;
  const me = ({ auth }: Tab) => auth.evaluate(async (auth) => (await auth.me())?.email ?? null);
  const open = (count: number, options: Parameters<typeof openTab>[2] = {}) =>
    Promise.all(Array.from({ length: count }, () => openTab(app, context, options)));

  test('the journey: register, verify, sign in, reload, sign out on all tabs; scripts find no token anywhere', async () => {
    const tab = await openTab(app, context);
    const email = app.latchkey.address();
    const registered = await tab.auth.evaluate((auth, input) => auth.register(input), {
      name: 'Ada',
      email,
      password: PASSWORD,
    });
    expect(registered).toMatchObject({ __typename: 'RegisterSuccess', email });
    const { code } = await app.latchkey.mailTo(email);
    const verified = await tab.auth.evaluate((auth, input) => auth.verifyEmail(input), { email, code });
    expect(verified).toMatchObject({ __typename: 'VerifyEmailSuccess', user: { email, isVerified: true } });
    const failed = await tab.auth.evaluate((auth, identifier) => auth.login({ identifier, password: 'wrong' }), email);
    expect(failed).toMatchObject({ __typename: 'InvalidCredentialsError', code: 'INVALID_CREDENTIALS' });

    await login(tab, email);
    const here = { status: 'signed-in', email, reason: null };
    expect(await settled(tab)).toEqual(here);
    const again = await openTab(app, context, {}, tab.page);
    expect(await settled(again)).toEqual(here);
    expect(await me(again)).toBe(email);
    const kept = await again.page.evaluate(() => [document.cookie, localStorage.length, sessionStorage.length]);
    expect(kept).toEqual(['', 0, 0]);

    const other = await openTab(app, context);
    expect(await settled(other)).toEqual(here);
    expect(await again.auth.evaluate(async (auth) => (await auth.logout()).__typename)).toBe('LogoutSuccess');
    expect(await settled(again)).toEqual({ ...OUT, reason: 'signed-out' });
    expect(await settled(other, 'signed-out')).toEqual({ ...OUT, reason: 'signed-out-in-another-tab' });
    expect(await me(other)).toBeNull();
    await login(other, email);
    expect(await settled(again, 'signed-in')).toEqual(here);
  });

  test('ten tabs with an expired token refresh once, and answer all', async () => {
    const { tab, email, sessionId } = await signedIn();
    const tabs = [tab, ...(await open(9))];
    await Promise.all(tabs.map((each) => settled(each, 'signed-in')));
    const before = await refreshesOf(sessionId);
    app.latchkey.advance({ minutes: 16 });
    expect(await Promise.all(tabs.map(me))).toEqual(Array(10).fill(email));
    expect(await refreshesOf(sessionId)).toBe(before + 1);
  });

  test('ten tabs without Web Locks and BroadcastChannel stay signed in, too', async () => {
    await context.addInitScript(() => {
      Object.defineProperty(navigator, 'locks', { value: undefined });
      Object.assign(globalThis, { BroadcastChannel: undefined });
    });
    const { tab, email } = await signedIn();
    const tabs = [tab, ...(await open(9))];
    await Promise.all(tabs.map((each) => settled(each, 'signed-in')));
    app.latchkey.advance({ minutes: 16 });
    expect(await Promise.all(tabs.map(me))).toEqual(Array(10).fill(email));
  });

  test('a token is refreshed before it expires, while someone looks at the page', async () => {
    await context.clock.install();
    const { tab, sessionId } = await signedIn();
    await tab.page.clock.fastForward('13:00');
    expect(await refreshesOf(sessionId)).toBe(0);
    const refreshed = tab.page.waitForResponse((response) =>
      (response.request().postData() ?? '').includes('mutation Refresh'),
    );
    await tab.page.clock.fastForward('01:05');
    await (await refreshed).finished();
    expect(await refreshesOf(sessionId)).toBe(1);
  });

  test('a tab that slept past the end of its token asks nothing while it is hidden, and is awake at once', async () => {
    await context.clock.install();
    const { tab, email, sessionId } = await signedIn();
    const hide = (isHidden: boolean) =>
      tab.page.evaluate((isHidden) => {
        Object.defineProperty(document, 'hidden', { value: isHidden, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }, isHidden);
    await hide(true);
    app.latchkey.advance({ hours: 9 });
    await tab.page.clock.fastForward('09:00:00');
    expect(await refreshesOf(sessionId)).toBe(0);
    await hide(false);
    await tab.page.clock.runFor(1);
    expect(await me(tab)).toBe(email);
    expect(await refreshesOf(sessionId)).toBe(1);
  });

  test('a wrong clock does no harm: the page is years behind or ahead', async () => {
    for (const time of ['2001-01-01', '2055-01-01']) {
      await context.clock.install({ time });
      const { tab, email } = await signedIn();
      expect(await me(tab)).toBe(email);
      app.latchkey.advance({ minutes: 16 });
      expect(await me(tab)).toBe(email);
      await tab.page.close();
      await context.clearCookies();
    }
  });

  test('the network is lost during a refresh, for longer than REFRESH_GRACE: nobody is signed out', async () => {
    const { tab, email, sessionId, in: here } = await signedIn();
    app.latchkey.advance({ minutes: 16 });
    let lost = 0;
    await context.route('**/graphql', async (route) => {
      if (!(route.request().postData() ?? '').includes('mutation Refresh')) return route.continue();
      // The service carries it out; the answer does not arrive, nor its cookie.
      await app.latchkey.fetch('/graphql', {
        method: 'POST',
        headers: await route.request().allHeaders(),
        body: route.request().postData() ?? '',
      });
      lost++;
      app.latchkey.advance({ seconds: 12 });
      return route.abort('connectionreset');
    });
    const failure = await tab.auth.evaluate((auth) => auth.me().catch((error: Error) => error.name));
    expect(failure).toBe('UnavailableError');
    expect(lost).toBe(3);
    expect(await settled(tab)).toEqual(here);
    await context.unroute('**/graphql');
    expect(await me(tab)).toBe(email);
    expect(await refreshesOf(sessionId)).toBe(1);
  });

  test('offline is not signed out: when the network is back, the page that was loaded without it finds out', async () => {
    const { tab, in: here } = await signedIn();
    await context.route('**/graphql', (route) => route.abort('internetdisconnected'));
    const later = await openTab(app, context, {}, tab.page);
    const failure = await later.auth.evaluate((auth) => auth.token().catch((error: Error) => error.name));
    expect(failure).toBe('UnavailableError');
    expect(await later.auth.evaluate(({ session }) => session.current.status)).toBe('starting');
    expect(await later.auth.evaluate((auth) => auth.logout().catch((error: Error) => error.name))).toBe(
      'UnavailableError',
    );
    await context.unroute('**/graphql');
    await later.page.evaluate(() => dispatchEvent(new Event('online')));
    expect(await settled(later)).toEqual(here);
  });

  test.each(['cookie', 'bearer'] as const)(
    'a refresh that is under way when someone signs in does not end the sign-in: %s',
    async (transport) => {
      const { email } = await app.latchkey.person();
      const { refreshToken, sessionId: id } = await app.latchkey.person();
      // Of an earlier session, which has ended: its refresh is refused, and the answer takes its time.
      const { prisma } = app.latchkey.app.parts.database;
      await prisma.session.update({
        where: { id },
        data: { endedAt: new Date(), endReason: 'logout' },
      });
      await context.route(`${app.url}/graphql`, async (route) => {
        const isRefresh = route.request().postData()?.includes('refresh(') ?? false;
        const response = isRefresh ? await route.fetch() : null;
        if (response !== null) await new Promise((resolve) => setTimeout(resolve, 700));
        await (response === null ? route.continue() : route.fulfill({ response }));
      });
      await context.addInitScript((token) => localStorage.setItem('latchkey-refresh-token', token), refreshToken);
      const tab = await openTab(app, context, { transport, stores: transport === 'bearer' });
      await login(tab, email);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      expect(await settled(tab)).toEqual({ status: 'signed-in', email, reason: null });
      expect(await me(tab)).toBe(email);
    },
  );

  test('sign-out everywhere on another device ends the session here, on all tabs', async () => {
    const { tab, email } = await signedIn();
    const other = await openTab(app, context);
    await settled(other, 'signed-in');
    const elsewhere = await browser.newContext();
    const device = await openTab(app, elsewhere);
    await login(device, email);
    expect(await device.auth.evaluate(async (auth) => (await auth.logoutEverywhere()).__typename)).toBe(
      'LogoutEverywhereSuccess',
    );
    await elsewhere.close();
    expect(await me(tab).catch(() => null)).toBeNull();
    expect(await settled(tab, 'signed-out')).toEqual({ ...OUT, reason: 'ended' });
    expect(await settled(other, 'signed-out')).toEqual({ ...OUT, reason: 'ended' });
  });

  test('a page of another site whose cookies are blocked is told so, and leaves no session behind', async () => {
    const tab = await openTab(app, context, { origin: app.foreignOrigin });
    const { id, email } = await app.latchkey.person();
    const failure = await tab.auth.evaluate(
      (auth, input) => auth.login(input).catch((error: Error) => [error.name, error.message]),
      { identifier: email, password: PASSWORD },
    );
    expect(failure).toEqual(['CookieBlockedError', expect.stringContaining('did not keep the cookie')]);
    expect(await settled(tab)).toEqual({ ...OUT, reason: 'none' });
    const { prisma } = app.latchkey.app.parts.database;
    // The one that is left is that of `person`.
    expect(await prisma.session.count({ where: { userId: id, endedAt: null } })).toBe(1);
  });

  test('bearer on another site: tabs share the sign-in, a reload loses it, a storage keeps it', async () => {
    const options = { transport: 'bearer', origin: app.foreignOrigin } as const;
    const { tab, email, sessionId, in: here } = await signedIn(options);
    const other = await openTab(app, context, options);
    expect(await settled(other)).toEqual(here);
    app.latchkey.advance({ minutes: 16 });
    expect(await Promise.all([me(tab), me(other)])).toEqual([email, email]);
    expect(await refreshesOf(sessionId)).toBe(1);
    expect(await settled(await openTab(app, context, options, tab.page))).toEqual(here);
    await other.page.close();
    expect(await settled(await openTab(app, context, options, tab.page))).toEqual({ ...OUT, reason: 'none' });
    expect(await tab.page.evaluate(() => localStorage.length)).toBe(0);

    const stored = { ...options, stores: true };
    const keeper = await openTab(app, context, stored, tab.page);
    await login(keeper, email);
    const again = await openTab(app, context, stored, tab.page);
    expect(await settled(again)).toEqual(here);
    await again.auth.evaluate((auth) => auth.logout());
    expect(await again.page.evaluate(() => localStorage.length)).toBe(0);
    expect(await settled(await openTab(app, context, stored, tab.page))).toEqual({ ...OUT, reason: 'none' });
  });

  test.each(['withApollo', 'withUrql'] as const)('ten expired queries %s: one refresh, ten answers', async (name) => {
    const { tab, email, sessionId } = await signedIn();
    const ask = () =>
      tab.auth.evaluate((auth, [name, url]) => (globalThis as unknown as Clients)[name](auth, url), [
        name,
        app.url,
      ] as const);
    expect(await ask()).toEqual(Array(10).fill(email));
    app.latchkey.advance({ minutes: 16 });
    expect(await ask()).toEqual(Array(10).fill(email));
    expect(await refreshesOf(sessionId)).toBe(1);
  });

  test('React components show who is signed in, and follow', async () => {
    const { tab, email } = await signedIn();
    const { page, auth } = tab;
    await auth.evaluate((auth) => (globalThis as unknown as Clients).withReact(auth));
    await page.getByText(`signed-in ${email}`).click();
    await page.getByText('signed-out undefined').waitFor();
    await login(tab, email);
    await page.getByText(`signed-in ${email}`).waitFor();
  });
});

/** The example of `examples/react` in a real Chromium: every journey of it, against the real service and real email. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { type ExampleApp, startExampleApp } from '../support/example-app.ts';
import { PASSWORD } from '../support/latchkey.ts';
import { protectedPerson } from '../support/second-factor.ts';

const NEW_PASSWORD = 'seven green teapots at dawn';

describe('examples/react', () => {
  let app: ExampleApp;
  let browser: Browser;
  const contexts: BrowserContext[] = [];
  /** Uncaught errors, and what React and the browser complain about. */
  const complaints: string[] = [];
  beforeAll(async () => {
    [app, browser] = await Promise.all([startExampleApp(), launchBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });
  beforeEach(async () => {
    complaints.length = 0;
    await Promise.all(contexts.splice(0).map((context) => context.close()));
  });

  /** A browser of its own, with the app in it. */
  async function open(path: string): Promise<Page> {
    const context = await browser.newContext({ baseURL: app.origin });
    contexts.push(context);
    context.setDefaultTimeout(10_000);
    context.on('weberror', (error) => complaints.push(String(error.error())));
    context.on('console', (message) => {
      // Chromium reports every 401, also of a token that has expired and is refreshed.
      if (message.type() === 'error' && !message.text().includes('401')) complaints.push(message.text());
    });
    const page = await context.newPage();
    await page.goto(path);
    return page;
  }
  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
  const follow = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).click();
  const heading = (page: Page, name: string) => page.getByRole('heading', { name, level: 1, exact: true }).waitFor();
  const says = (page: Page, text: string) => page.getByRole('status').filter({ hasText: text }).waitFor();
  const warns = (page: Page, text: string) => page.getByRole('alert').filter({ hasText: text }).waitFor();
  async function fill(page: Page, values: Record<string, string>) {
    for (const [label, value] of Object.entries(values)) await page.getByLabel(label, { exact: true }).fill(value);
  }
  async function signIn(page: Page, email: string, password = PASSWORD) {
    await fill(page, { 'Email address': email, Password: password });
    await press(page, 'Sign in');
  }
  /** What only an email tells: its code, and the link, which must lead to the app. */
  async function mailed(email: string, count: number) {
    const { code, link } = await app.latchkey.mailTo(email, count);
    if (code === null || !link?.startsWith(`${app.origin}/`)) throw new Error(`no code and link to the app: ${link}`);
    return { code, link };
  }
  const signUp = async (page: Page, email: string) => {
    await fill(page, { Name: 'Ada', 'Email address': email, Password: PASSWORD });
    await press(page, 'Create account');
    await heading(page, 'Confirm your email address');
  };

  test('sign up, confirm by code, sign in; a reload and a second tab stay signed in; sign out on both', async () => {
    const email = app.latchkey.address();
    const page = await open('/');
    await heading(page, 'Sign in');
    await follow(page, 'Sign up');
    await page.locator('h1:focus').filter({ hasText: 'Create an account' }).waitFor();
    await signUp(page, email);
    const { code } = await mailed(email, 1);
    await fill(page, { 'Code from the email': code });
    await press(page, 'Confirm email address');
    await heading(page, 'Sign in');
    await says(page, 'Your email address is confirmed');
    expect(await page.getByLabel('Email address').inputValue()).toBe(email);

    await signIn(page, email, 'not the password');
    await warns(page, 'password');
    await signIn(page, email);
    await heading(page, 'Profile');
    await page.reload();
    await heading(page, 'Profile');
    const second = await page.context().newPage();
    await second.goto('/sessions');
    await second.getByText('this device').waitFor();
    await press(page, 'Sign out');
    await says(page, 'You are signed out.');
    await says(second, 'You signed out in another tab.');
    await signIn(second, email);
    await second.getByText('this device').waitFor();
    await heading(page, 'Profile');
    expect(complaints).toEqual([]);
  });

  test('confirm by the mailed link; what is wrong with a form is said at its fields', async () => {
    const email = app.latchkey.address();
    const page = await open('/sign-up');
    await fill(page, { Name: 'Ada', 'Email address': email, Password: 'password123' });
    await press(page, 'Create account');
    const password = page.getByLabel('Password', { exact: true });
    await page.locator('[aria-invalid=true]:focus').waitFor();
    expect(await password.getAttribute('aria-invalid')).toBe('true');
    const [, errorId = ''] = (await password.getAttribute('aria-describedby'))?.split(' ') ?? [];
    expect(await page.locator(`[id="${errorId}"]`).textContent()).toContain('common');
    await signUp(page, email);
    await follow(page, 'Sign in');
    await signIn(page, email);
    await heading(page, 'Confirm your email address');

    const { link } = await mailed(email, 1);
    const elsewhere = await open(link);
    await press(elsewhere, 'Confirm email address');
    await heading(elsewhere, 'Sign in');
    expect(elsewhere.url()).toBe(`${app.origin}/sign-in`);
    await signIn(elsewhere, email);
    await heading(elsewhere, 'Profile');
    // Opened again in the first browser, by someone who pressed the button twice.
    await page.goto(link);
    await page.getByLabel('Code from the email').waitFor({ state: 'detached' });
    await press(page, 'Confirm email address');
    await says(page, 'Your email address is confirmed');
    expect(complaints).toEqual([]);
  });

  test('a forgotten password, by code and by the mailed link', async () => {
    const { email } = await app.latchkey.person();
    const page = await open('/sign-in');
    const request = async () => {
      await follow(page, 'Forgotten password?');
      await fill(page, { 'Email address': email });
      await press(page, 'Send email');
      await heading(page, 'Choose a new password');
    };
    await request();
    const { code } = await mailed(email, 2);
    await fill(page, { 'Code from the email': code, 'New password': NEW_PASSWORD });
    await press(page, 'Set password');
    await says(page, 'Your password has been changed');
    await signIn(page, email, NEW_PASSWORD);
    await heading(page, 'Profile');
    await press(page, 'Sign out');
    app.latchkey.advance({ minutes: 2 });
    await request();
    const { link } = await mailed(email, 4);
    await page.goto(link);
    await fill(page, { 'New password': PASSWORD });
    await press(page, 'Set password');
    await says(page, 'Your password has been changed');
    await signIn(page, email);
    await heading(page, 'Profile');
    expect(complaints).toEqual([]);
  });

  test('sign in by email, by code and by the mailed link', async () => {
    const { email } = await app.latchkey.person();
    const page = await open('/sign-in');
    await follow(page, 'Sign in by email');
    await fill(page, { 'Email address': email });
    await press(page, 'Send email');
    const { code, link } = await mailed(email, 2);
    const other = await open(link);
    await fill(page, { 'Code from the email': code === '000000' ? '000001' : '000000' });
    await press(page, 'Sign in');
    await page.getByRole('alert').waitFor();
    await fill(page, { 'Code from the email': code });
    await press(page, 'Sign in');
    await heading(page, 'Profile');
    // One of both, once.
    await press(other, 'Sign in');
    await other.getByRole('alert').waitFor();
    app.latchkey.advance({ minutes: 2 });
    await follow(other, 'Sign in');
    await follow(other, 'Sign in by email');
    await fill(other, { 'Email address': email });
    await press(other, 'Send email');
    await other.goto((await mailed(email, 3)).link);
    await press(other, 'Sign in');
    await heading(other, 'Profile');
    expect(complaints).toEqual([]);
  });

  test('someone with a second factor signs in with its code, or with a recovery code', async () => {
    const ada = await protectedPerson(app.latchkey);
    const page = await open('/sign-in');
    await signIn(page, ada.email);
    await heading(page, 'Enter your code');
    await fill(page, { 'Code of your authenticator app': '12' });
    await press(page, 'Sign in');
    await page.getByRole('alert').waitFor();
    await fill(page, { 'Code of your authenticator app': ada.app.code() });
    await press(page, 'Sign in');
    await heading(page, 'Profile');
    await press(page, 'Sign out');
    await signIn(page, ada.email);
    await press(page, 'Use a recovery code');
    app.latchkey.advance({ minutes: 11 });
    await fill(page, { 'Recovery code': ada.recoveryCodes[0] ?? '' });
    await press(page, 'Sign in');
    await heading(page, 'Sign in');
    await says(page, 'expired');
    await signIn(page, ada.email);
    await press(page, 'Use a recovery code');
    await fill(page, { 'Recovery code': ada.recoveryCodes[0] ?? '' });
    await press(page, 'Sign in');
    await heading(page, 'Profile');
    expect(complaints).toEqual([]);
  });

  test('the profile, and a change of email address after the password is asked for again', async () => {
    const { email } = await app.latchkey.person();
    const page = await open('/');
    await signIn(page, email);
    await fill(page, { Name: 'Ada Lovelace' });
    await page.getByLabel('Language of emails').selectOption('fr');
    await press(page, 'Save');
    await says(page, 'Saved.');
    await page.locator('header').getByText('Ada Lovelace').waitFor();
    await page.reload();
    await heading(page, 'Profile');
    expect(await page.getByLabel('Language of emails').inputValue()).toBe('fr');

    app.latchkey.advance({ minutes: 30 });
    await follow(page, 'Change email address');
    const newEmail = app.latchkey.address();
    await fill(page, { 'New email address': newEmail });
    await press(page, 'Send email');
    await fill(page, { Password: 'not the password' });
    await press(page, 'Confirm');
    await warns(page, 'password');
    await fill(page, { Password: PASSWORD });
    await press(page, 'Confirm');
    await heading(page, 'Confirm your new email address');
    const { code } = await mailed(newEmail, 1);
    await fill(page, { 'Code from the email': code });
    await press(page, 'Confirm email address');
    await says(page, `Your email address is now ${newEmail}.`);

    await follow(page, 'Change email address');
    const newest = app.latchkey.address();
    await fill(page, { 'New email address': newest });
    await press(page, 'Send email');
    const link = await open((await mailed(newest, 1)).link);
    await press(link, 'Confirm email address');
    await says(link, `Your email address is now ${newest}.`);
    await follow(page, 'Profile');
    await page.reload();
    await page.getByText(`You sign in as ${newest}.`).waitFor();
    expect(complaints).toEqual([]);
  });

  test('sessions: end one, end all others, sign out everywhere', async () => {
    const { email } = await app.latchkey.person();
    const [page, phone, laptop] = await Promise.all([open('/sessions'), open('/'), open('/')]);
    for (const each of [page, phone, laptop]) await signIn(each, email);
    await heading(phone, 'Profile');
    await heading(laptop, 'Profile');
    // Besides the three there is the one of `person`.
    await page.reload();
    const rows = page.getByRole('listitem');
    await rows.nth(3).waitFor();
    await rows.getByRole('button', { name: 'End' }).first().click();
    await rows.nth(3).waitFor({ state: 'detached' });
    await press(page, 'Sign out all other devices');
    await rows.nth(1).waitFor({ state: 'detached' });
    await follow(phone, 'Organization');
    await says(phone, 'Your session has ended.');
    await signIn(phone, email);
    await phone.getByText('Your role is owner.').waitFor();
    await press(page, 'Sign out everywhere');
    await says(page, 'You are signed out.');
    await follow(phone, 'Sessions');
    await says(phone, 'Your session has ended.');
    expect(complaints).toEqual([]);
  });

  test('organizations: create, switch, invite; accept from the mailed link with and without an account, decline', async () => {
    const owner = await app.latchkey.person();
    const member = await app.latchkey.person();
    const newcomer = app.latchkey.address();
    const page = await open('/organization');
    await signIn(page, owner.email);
    await page.getByText('Your role is owner.').waitFor();
    await fill(page, { 'Name of the organization': 'Blue Teapots' });
    await press(page, 'Create organization');
    await heading(page, 'Blue Teapots');
    const switcher = page.getByLabel('Organization', { exact: true });
    const first = await switcher.locator('option').first().textContent();
    await switcher.selectOption({ index: 0 });
    await heading(page, first ?? '');
    // A tab keeps its organization, another one begins with the first.
    await switcher.selectOption({ label: 'Blue Teapots' });
    await page.reload();
    await heading(page, 'Blue Teapots');
    for (const email of [member.email, newcomer]) {
      await fill(page, { 'Email address': email });
      await press(page, 'Invite');
      await page.getByRole('listitem').filter({ hasText: email }).getByText('member, pending').waitFor();
    }

    const accepting = await open((await mailed(member.email, 2)).link);
    await heading(accepting, 'Join Blue Teapots');
    await press(accepting, 'Sign in to accept');
    await signIn(accepting, member.email);
    await press(accepting, 'Accept');
    await says(accepting, 'You are now a member of Blue Teapots.');
    await heading(accepting, 'Blue Teapots');
    await accepting.getByRole('listitem').filter({ hasText: owner.email }).waitFor();
    expect(await accepting.getByRole('button', { name: 'Invite' }).count()).toBe(0);
    // What was said to one person is not said to the next, nor is anything left in the cache.
    await press(accepting, 'Sign out');
    await says(accepting, 'You are signed out.');
    await signIn(accepting, owner.email);
    await accepting.getByText('Your role is owner.').waitFor();
    await fill(accepting, { 'Email address': member.email });
    await press(accepting, 'Invite');
    await warns(accepting, 'Too many attempts.');
    expect(await accepting.getByText('You are now a member').count()).toBe(0);

    const joining = await open((await mailed(newcomer, 1)).link);
    await follow(joining, 'Create an account');
    await signUp(joining, newcomer);
    await joining.goto((await mailed(newcomer, 2)).link);
    await press(joining, 'Confirm email address');
    await signIn(joining, newcomer);
    await follow(joining, 'Organization');
    await heading(joining, 'Blue Teapots');

    const declining = app.latchkey.address();
    await page.reload();
    await fill(page, { 'Email address': declining });
    await press(page, 'Invite');
    const { link } = await mailed(declining, 1);
    const decliner = await open(link);
    await press(decliner, 'Decline');
    await says(decliner, 'You declined the invitation to Blue Teapots.');
    await decliner.goto(link);
    await decliner.getByText('This invitation cannot be used any more.').waitFor();
    await page.reload();
    await page.getByRole('listitem').filter({ hasText: declining }).getByText('member, declined').waitFor();
    await page.getByRole('listitem').filter({ hasText: newcomer }).getByText('member, accepted').waitFor();
    expect(complaints).toEqual([]);
  });

  test('without a network, forms say so, and a page that was loaded without it signs in when it is back', async () => {
    const { email } = await app.latchkey.person();
    const page = await open('/sign-in');
    await heading(page, 'Sign in');
    await page.context().route('**/graphql', (route) => route.abort('internetdisconnected'));
    await signIn(page, email);
    await warns(page, 'The service could not be reached.');
    await page.context().unroute('**/graphql');
    await press(page, 'Sign in');
    await heading(page, 'Profile');
    await page.context().route('**/graphql', (route) => route.abort('internetdisconnected'));
    await page.reload();
    await warns(page, 'The service could not be reached.');
    await page.context().unroute('**/graphql');
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await heading(page, 'Profile');
  });
});

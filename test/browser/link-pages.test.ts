/** The pages that emails link to, and GraphiQL, in a real browser that can reach only the service. */
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LoginDocument, RegisterDocument, RequestPasswordResetDocument } from '../generated/graphql.ts';
import { launchBrowser, type OwnPage, openPage } from '../support/browser.ts';
import { type OverHttp, startOverHttp } from '../support/http.ts';
import { type Latchkey, PASSWORD } from '../support/latchkey.ts';

const NEW_PASSWORD = 'seven green teapots at dawn';

let browser: Browser;
let service: OverHttp;
let latchkey: Latchkey;

beforeAll(async () => {
  [browser, service] = await Promise.all([launchBrowser(), startOverHttp()]);
  latchkey = service.latchkey;
});

afterAll(async () => {
  await browser?.close();
  await service?.close();
});

describe('the link in a verification email', () => {
  test.each([
    ['with JavaScript', true],
    ['without JavaScript', false],
  ])('shows what the button does, does it when clicked, and says that it is done: %s', async (_, javaScriptEnabled) => {
    const { email, link } = await registered();
    const opened = await open(link, { javaScriptEnabled });
    await expectHeading(opened, 'Confirm your email address');
    expect(await login(email)).toBe('EmailNotVerifiedError');
    await opened.page.getByRole('button', { name: 'Confirm email address' }).click();
    await expectHeading(opened, 'Your email address is confirmed');
    expect(await login(email)).toBe('LoginSuccess');
    await expectClean(opened);
  });

  test('can be opened any number of times, also by a mail scanner, and can still be used once', async () => {
    const { email, link } = await registered();
    for (const method of ['GET', 'HEAD', 'GET']) expect((await fetch(link, { method })).status).toBe(200);
    const opened = await open(link);
    await opened.page.reload();
    expect(await login(email)).toBe('EmailNotVerifiedError');
    await opened.page.getByRole('button', { name: 'Confirm email address' }).click();
    await expectHeading(opened, 'Your email address is confirmed');
    await expectClean(opened);

    const again = await open(link);
    await expectHeading(again, 'This link is invalid or has expired');
    await expectClean(again, [410]);
  });

  test('offers someone who did not register to remove the account instead', async () => {
    const { email, link } = await registered();
    const opened = await open(link, { javaScriptEnabled: false });
    await opened.page.getByRole('button', { name: 'This wasn’t me' }).click();
    await expectHeading(opened, 'The account has been removed');
    expect(await login(email)).toBe('InvalidCredentialsError');
    await expectClean(opened);
  });

  test('uses the language of the registration, whatever the browser prefers', async () => {
    const { link } = await registered('de');
    const opened = await open(link, { locale: 'fr-FR' });
    expect(await opened.page.locator('html').getAttribute('lang')).toBe('de');
    await expectHeading(opened, 'E\u2011Mail-Adresse bestätigen');
    await opened.page.getByRole('button', { name: 'E-Mail-Adresse bestätigen' }).click();
    await expectHeading(opened, 'Ihre E\u2011Mail-Adresse ist bestätigt');
    await expectClean(opened);
  });
});

describe('the link in a reset email', () => {
  test('explains why a common password is refused, and accepts a better one', async () => {
    const { email, link } = await forgetful();
    const opened = await open(link);
    await expectHeading(opened, 'Choose a new password');
    const field = opened.page.getByLabel('New password');
    const button = opened.page.getByRole('button', { name: 'Set password' });

    // Password managers keep the new password under this name.
    const username = opened.page.getByLabel('Email address');
    const nameOf = async () => [
      await username.inputValue(),
      await username.getAttribute('autocomplete'),
      await username.isEditable(),
    ];
    expect(await nameOf()).toEqual([email, 'username', false]);
    expect(await field.getAttribute('autocomplete')).toBe('new-password');

    // The browser itself does not submit a password that is too short.
    await field.fill('short');
    await button.click();
    await expectHeading(opened, 'Choose a new password');
    expect(await opened.page.getByRole('alert').count()).toBe(0);

    await field.fill('password123');
    await button.click();
    await opened.page.getByRole('alert').waitFor();
    expect(await opened.page.getByRole('alert').textContent()).toContain('too common and easy to guess');
    expect(await field.inputValue()).toBe('');
    expect(await nameOf()).toEqual([email, 'username', false]);
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect(await login(email)).toBe('LoginSuccess');

    await field.fill(NEW_PASSWORD);
    await button.click();
    await expectHeading(opened, 'Your password has been changed');
    expect([await login(email), await login(email, NEW_PASSWORD)]).toEqual(['InvalidCredentialsError', 'LoginSuccess']);
    await expectClean(opened, [422]);
  });

  test('works without JavaScript', async () => {
    const { email, link } = await forgetful();
    const opened = await open(link, { javaScriptEnabled: false });
    await opened.page.getByLabel('New password').fill(NEW_PASSWORD);
    await opened.page.keyboard.press('Enter');
    await expectHeading(opened, 'Your password has been changed');
    expect(await login(email, NEW_PASSWORD)).toBe('LoginSuccess');
    await expectClean(opened);
  });
});

describe('GraphiQL', () => {
  test('registers an account with the example operation when play is clicked', async () => {
    const opened = await open(`${service.url}/graphql`);
    const { page } = opened;
    await page.locator('.graphiql-query-editor .view-line').first().waitFor();
    await page.getByRole('button', { name: /execute query/i }).click();
    await page.getByRole('menuitem', { name: 'Register', exact: true }).click();
    await page.locator('.graphiql-response', { hasText: 'RegisterSuccess' }).waitFor();
    expect((await latchkey.mailTo('ada@example.com')).code).toMatch(/^\d{6}$/);
    await expectClean(opened);
  });
});

/** Someone who has registered, and the link in the email. */
async function registered(locale?: string): Promise<{ email: string; link: string }> {
  const email = latchkey.address();
  await latchkey.ask(RegisterDocument, {
    input: { name: 'Ada', email, password: PASSWORD, ...(locale && { locale }) },
  });
  const { link } = await latchkey.mailTo(email);
  return { email, link: link ?? '' };
}

/** Someone with an account who has asked for a reset, and the link in the email. */
async function forgetful(): Promise<{ email: string; link: string }> {
  const { email } = await latchkey.person();
  await latchkey.ask(RequestPasswordResetDocument, { input: { email } });
  const { link } = await latchkey.mailTo(email, 2);
  return { email, link: link ?? '' };
}

async function login(identifier: string, password = PASSWORD): Promise<string> {
  return (await latchkey.ask(LoginDocument, { input: { identifier, password } })).login.__typename;
}

async function open(link: string, options: BrowserContextOptions = {}): Promise<OwnPage> {
  const opened = await openPage(browser, service.url, options);
  await opened.page.goto(link);
  return opened;
}

async function expectHeading({ page }: OwnPage, text: string): Promise<void> {
  await page.getByRole('heading', { level: 1, name: text, exact: true }).waitFor();
}

/** The page requested nothing from other hosts and logged no errors except the refusals that the test expects. */
async function expectClean({ hosts, complaints, close }: OwnPage, refusals: readonly number[] = []): Promise<void> {
  const unexpected = complaints.filter((text) => !refusals.some((status) => text.includes(`status of ${status}`)));
  expect(unexpected).toEqual([]);
  expect([...hosts]).toEqual([new URL(service.url).host]);
  await close();
}

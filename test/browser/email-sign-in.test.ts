/** The page of a sign-in email, in a real browser: with and without JavaScript and a second factor. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RequestLoginDocument } from '../generated/graphql.ts';
import { launchBrowser, type OwnPage, openPage } from '../support/browser.ts';
import { type OverHttp, startOverHttp } from '../support/http.ts';
import { elsewhere, protectedPerson } from '../support/second-factor.ts';

const REFRESH = 'mutation { refresh { __typename ... on RefreshSuccess { user { id } session { assurance } } } }';

let browser: Browser;
let service: OverHttp;

beforeAll(async () => {
  [browser, service] = await Promise.all([launchBrowser(), startOverHttp()]);
});

afterAll(async () => {
  await browser?.close();
  await service?.close();
});

async function linkFor(email: string, before: number): Promise<string> {
  const { latchkey } = service;
  latchkey.advance({ minutes: 1 });
  await latchkey.mailTo(email, before);
  await latchkey.ask(RequestLoginDocument, { input: { email } }, elsewhere());
  return (await latchkey.mailTo(email, before + 1)).link ?? '';
}

const heading = ({ page }: OwnPage, text: string) =>
  page.getByRole('heading', { level: 1, name: text, exact: true }).waitFor();

/** Who the browser is, for a front end on the same origin that refreshes with the cookie. */
async function whoIs({ page }: OwnPage): Promise<{ refresh: { __typename: string; user?: { id: string } } }> {
  const cookies = await page.context().cookies(service.url);
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  const headers = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', cookie };
  const body = JSON.stringify({ query: REFRESH });
  return (await (await fetch(`${service.url}/graphql`, { method: 'POST', headers, body })).json()).data;
}

describe.each([
  ['with JavaScript', true],
  ['without JavaScript', false],
])('%s', (_, javaScriptEnabled) => {
  test('opening it changes nothing; its button signs this browser in, and the link is used up', async () => {
    const person = await service.latchkey.person();
    const link = await linkFor(person.email, 1);
    const opened = await openPage(browser, service.url, { javaScriptEnabled });
    await opened.page.goto(link);
    await heading(opened, 'Sign in');
    expect(await opened.page.getByText(person.email).count()).toBe(1);
    await opened.page.reload();
    expect((await whoIs(opened)).refresh.__typename).toBe('SessionEndedError');
    await opened.page.getByRole('button', { name: 'Sign in' }).click();
    await heading(opened, 'You are signed in');
    expect((await whoIs(opened)).refresh).toMatchObject({ user: { id: person.id }, session: { assurance: 'AAL1' } });
    await opened.page.goto(link);
    await heading(opened, 'You were not signed in');
    await opened.close();
  });

  test('with a second factor it asks for that, also after a wrong code', async () => {
    const ada = await protectedPerson(service.latchkey);
    const opened = await openPage(browser, service.url, { javaScriptEnabled });
    await opened.page.goto(await linkFor(ada.email, 2));
    await opened.page.getByRole('button', { name: 'Sign in' }).click();
    await heading(opened, 'One more step');
    expect((await whoIs(opened)).refresh.__typename).toBe('SessionEndedError');
    await opened.page.getByLabel('Code').fill('12 34');
    await opened.page.getByRole('button', { name: 'Confirm' }).click();
    await opened.page.getByText('This code is not valid').first().waitFor();
    await opened.page.getByLabel('Code').fill(ada.app.code());
    await opened.page.getByRole('button', { name: 'Confirm' }).click();
    await heading(opened, 'You are signed in');
    expect((await whoIs(opened)).refresh).toMatchObject({ user: { id: ada.id }, session: { assurance: 'AAL2' } });
    await opened.close();
  });
});

/** The refresh cookie as a real Chromium treats it, on a page of the service and on pages of others. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { type OverHttp, startOverHttp } from '../support/http.ts';
import { PASSWORD } from '../support/latchkey.ts';

const REFRESH = 'mutation { refresh { __typename ... on RefreshSuccess { tokens { accessToken refreshToken } } } }';
const LOGIN = `mutation ($email: String!) { login(input: { identifier: $email, password: "${PASSWORD}", transport: COOKIE }) {
  __typename ... on LoginSuccess { tokens { refreshToken } } } }`;

let browser: Browser;
let context: BrowserContext;
let service: OverHttp;
let foreign: Server;

beforeAll(async () => {
  foreign = createServer((_, response) =>
    response.setHeader('content-type', 'text/html').end('<title>foreign</title>'),
  );
  foreign.listen(0, '127.0.0.1');
  await once(foreign, 'listening');
  [service, browser] = await Promise.all([startOverHttp(), launchBrowser()]);
  context = await browser.newContext();
});

afterAll(async () => {
  await browser?.close();
  foreign.closeAllConnections();
  foreign.close();
  await service?.close();
});

/** Sends an operation from the page, as its scripts would; null when the browser does not let it. */
const ask = (page: Page, query: string, variables: object = {}, type = 'application/json') =>
  page.evaluate(
    async ([url, body, contentType]) => {
      const response = await fetch(url, {
        method: 'POST',
        credentials: 'include',
        headers: { 'content-type': contentType },
        body,
      }).catch(() => null);
      return response && (await response.json());
    },
    [`${service.url}/graphql`, JSON.stringify({ query, variables }), type] as const,
  );
const cookie = async () => (await context.cookies(service.url)).find(({ name }) => name === '__Host-latchkey-refresh');

test('a page signs in, is reloaded and stays signed in without ever seeing the refresh token; a foreign page can do nothing', async () => {
  const { email } = await service.latchkey.person();
  const page = await context.newPage();
  // A page of the app on the origin of the service: the answers of the service itself may not run or load anything.
  await context.route(`${service.url}/app`, (route) => route.fulfill({ contentType: 'text/html', body: '' }));
  await page.goto(`${service.url}/app`);
  expect(await ask(page, LOGIN, { email })).toEqual({
    data: { login: { __typename: 'LoginSuccess', tokens: { refreshToken: null } } },
  });
  const first = await cookie();
  expect(first).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Strict', path: '/' });
  expect(await page.evaluate(() => document.cookie)).toBe('');

  await page.reload();
  expect(await ask(page, REFRESH)).toMatchObject({
    data: { refresh: { __typename: 'RefreshSuccess', tokens: { refreshToken: null } } },
  });
  const second = await cookie();
  expect(second?.value).not.toBe(first?.value);

  const { port } = foreign.address() as AddressInfo;
  // Another site; and the same site on another port, where SameSite alone would send the cookie along.
  for (const origin of [`http://127.0.0.1:${port}`, `http://localhost:${port}`]) {
    const theirs = await context.newPage();
    await theirs.goto(origin);
    for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded']) {
      expect(await ask(theirs, REFRESH, {}, type), `${origin} ${type}`).toBeNull();
    }
    await theirs.setContent(
      `<form method="post" enctype="text/plain" action="${service.url}/graphql"><input name='{"query":"${REFRESH}","x":"' value='"}'></form>`,
    );
    await Promise.all([theirs.waitForNavigation(), theirs.evaluate(() => document.querySelector('form')?.submit())]);
    expect(await theirs.content()).toContain('application/json');
    await theirs.close();
  }
  expect((await cookie())?.value).toBe(second?.value);

  await ask(page, 'mutation { logout { __typename } }');
  expect(await cookie()).toBeUndefined();
});

/**
 * GraphiQL in a real browser that can reach the server and nothing else.
 *
 * The server is a small one made here, whose answers tell what it was sent. GRAPHIQL_BASE_URL points the browser's
 * tests at a running service instead.
 */
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { buildSchema, parse, validate } from 'graphql';
import { createSchema, createYoga } from 'graphql-yoga';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGraphiql } from '#graphql/graphiql/graphiql.ts';
import { GRAPHIQL_TABS } from '#graphql/graphiql/tour.ts';
import { launchBrowser, type OwnPage, openPage } from '../support/browser.ts';

let browser: Browser;
let server: Server | undefined;
let baseUrl: string;

beforeAll(async () => {
  const given = process.env['GRAPHIQL_BASE_URL'];
  server = given === undefined ? await listen() : undefined;
  baseUrl = given ?? `http://127.0.0.1:${portOf(server)}`;
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
});

describe('GraphiQL in a browser without internet', () => {
  test('opens, runs its first operation, and asks no other host', async () => {
    const opened = await open();
    await run(opened.page, 'Register');
    await expect.poll(() => answerShown(opened.page)).toContain('"RegisterSuccess"');
    await settle(opened.page);
    expect(opened.complaints).toEqual([]);
    expect([...opened.hosts]).toEqual([new URL(baseUrl).host]);
    await opened.close();
  });

  test('every step of the tour is an operation that the schema accepts, run by two clicks', async () => {
    const opened = await open();
    const answers = { Register: '"register"', VerifyEmail: '"verifyEmail"', Login: '"login"', Me: '"me"' };
    for (const [step, field] of Object.entries(answers)) {
      await run(opened.page, step);
      await expect.poll(() => answerShown(opened.page)).toContain(field);
      expect(await answerShown(opened.page)).not.toContain('"errors"');
    }
    expect(opened.complaints).toEqual([]);
    await opened.close();
  });

  test('its tabs show how to add an authenticator app and how to invite someone, in operations of the schema', async () => {
    const schema = buildSchema(await readFile('schema.graphql', 'utf8'));
    for (const { query } of GRAPHIQL_TABS) expect(validate(schema, parse(query))).toEqual([]);
    const { page, close } = await open();
    const tabs = page.locator('.graphiql-tab-button');
    expect(await tabs.allTextContents()).toEqual(['Register', 'StartTotpSetup', 'CreateOrganization']);
    await tabs.nth(2).click();
    await expect.poll(() => shown(page, '.graphiql-query-editor')).toContain('mutation CreateOrganization');
    await close();
  });

  test('on a phone, the answer is below the operation and as wide', async () => {
    const { page, close } = await open();
    await page.setViewportSize({ width: 375, height: 720 });
    await run(page, 'Register');
    await expect.poll(() => answerShown(page)).toContain('"RegisterSuccess"');
    const boxOf = async (selector: string) =>
      (await page.locator(selector).boundingBox()) ?? { y: 0, width: 0, height: 0 };
    const [operation, answer] = [await boxOf('.graphiql-editors'), await boxOf('.graphiql-response')];
    expect(answer.width).toBeGreaterThan(270);
    expect(answer.height).toBeGreaterThan(150);
    expect(answer.y).toBeGreaterThanOrEqual(operation.y + operation.height);
    await close();
  });

  test('a search that was closed does not cover the tabs', async () => {
    const { page, close } = await open();
    await page.locator('.graphiql-query-editor .monaco-editor').click();
    await page.keyboard.press('Control+f');
    await page.keyboard.type('ada@');
    await expect.poll(() => page.locator('.find-widget.visible textarea').first().inputValue()).toBe('ada@');
    await page.keyboard.press('Escape');
    // A trial: whether the tab, and nothing above it, would get the click.
    await page.locator('.graphiql-tab-button').nth(1).click({ trial: true });
    await close();
  });

  test('a screen reader finds a title, a heading and the main part', async () => {
    const { page, close } = await open();
    expect(await page.title()).toBe('GraphiQL – Latchkey');
    expect(await page.getByRole('main').getByRole('heading', { level: 1 }).textContent()).toBe('GraphiQL');
    await close();
  });

  test('no line of the tour is cut off in a window of 1280 pixels', async () => {
    const opened = await open();
    const { page } = opened;
    const play = await page.getByRole('button', { name: /execute query/i }).boundingBox();
    for (const tab of await page.locator('.graphiql-tab-button').all()) {
      await tab.click();
      const lines = page.locator('.graphiql-query-editor .view-line > span');
      await expect.poll(() => lines.count()).toBeGreaterThan(15);
      for (const line of await lines.all()) {
        const box = await line.boundingBox();
        expect((box?.x ?? 0) + (box?.width ?? 0), (await line.textContent()) ?? '').toBeLessThan(play?.x ?? 0);
      }
    }
    await opened.close();
  });

  test('a sign-in stays for the requests that follow, until the token is forgotten or the page left', async () => {
    const opened = await open();
    const { page } = opened;
    expect(await authorizationSent(page)).toBeUndefined();
    expect(await page.locator('#account').textContent()).toMatch(/^Not signed in/);

    await run(page, 'Login');
    await expect.poll(() => page.locator('#account').textContent()).toBe('Signed in as Ada Lovelace.');
    expect(await authorizationSent(page)).toBe('Bearer token.of.ada');

    await page.getByRole('button', { name: 'Forget the token' }).click();
    expect(await authorizationSent(page)).toBeUndefined();

    await run(page, 'Login');
    await expect.poll(() => page.locator('#account').textContent()).toBe('Signed in as Ada Lovelace.');
    await page.reload();
    await opened.page.locator('.graphiql-query-editor .view-line').first().waitFor();
    expect(await authorizationSent(page)).toBeUndefined();
    await opened.close();
  });

  test('a header that is typed is sent instead of the token of the page', async () => {
    const opened = await open();
    const { page } = opened;
    await run(page, 'Login');
    await expect.poll(() => page.locator('#account').textContent()).toBe('Signed in as Ada Lovelace.');
    await page.getByRole('button', { name: 'Headers', exact: true }).click();
    await page.locator('.graphiql-editor-tool .monaco-editor:visible').click();
    await page.keyboard.insertText('{"Authorization": "Bearer another.token"}');
    await settle(page);
    expect(await authorizationSent(page)).toBe('Bearer another.token');
    await opened.close();
  });

  test('nothing that is typed, no token and no password outlives the page', async () => {
    const opened = await open();
    const { page } = opened;
    await run(page, 'Login');
    await expect.poll(() => page.locator('#account').textContent()).toBe('Signed in as Ada Lovelace.');
    await page.locator('.graphiql-query-editor .monaco-editor').click();
    await page.keyboard.insertText('# hunter2');
    await settle(page);
    const kept = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage, document.cookie]));
    expect(kept).toBe('[{},{},""]');
    await opened.close();
  });

  test('keeps what is typed, such as a password, out of the address of the page', async () => {
    const opened = await open();
    await opened.page.locator('.graphiql-query-editor .monaco-editor').click();
    await opened.page.keyboard.insertText('# hunter2');
    await settle(opened.page);
    expect(opened.page.url()).toBe(`${baseUrl}/graphql`);
    await opened.close();
  });
});

describe('the files of GraphiQL', () => {
  const graphiql = createGraphiql({
    endpoint: '/auth/graphql',
    title: '</script><b>"&',
    links: [{ text: '<b>', href: '"><b>' }],
  });

  test('the page names no other host, and its title cannot break out', async () => {
    const html = await graphiql.page().text();
    expect(
      [...html.matchAll(/(?:https?:)?\/\/[\w.-]+/g)].map(String).filter((url) => url !== 'http://www.w3.org'),
    ).toEqual([]);
    expect(html.match(/<\/script>/g)).toHaveLength(3);
    expect(html).not.toContain('<b>');
  });

  test('the page runs no script but its own, evaluates none, and stands in no frame', () => {
    const policy = graphiql.page().headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe-eval|https?:|\*/);
  });

  test('they stand beside the endpoint, under the version, and may be kept for ever', async () => {
    const [path = ''] = /\/graphiql\/[\w./-]+graphiql\.js/.exec(await graphiql.page().text()) ?? [];
    expect(path).toMatch(/^\/graphiql\/\d+\.\d+\.\d+\//);
    const answer = await graphiql.asset(path);
    expect(answer?.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(answer?.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(await graphiql.page().text()).toContain(`src="/auth${path}"`);
  });

  test('no other file can be had', async () => {
    const folder = /\/graphiql\/[\d.]+\//.exec(await graphiql.page().text())?.[0] ?? '';
    const names = [
      '',
      'package.json',
      '../package.json',
      '..%2f..%2fpackage.json',
      '....//package.json',
      '/etc/passwd',
    ];
    for (const name of [...names, 'graphiql.js/', 'graphiql.js%00.css', '__proto__', 'constructor', 'favicon', 'js']) {
      expect(await graphiql.asset(folder + name), name).toBeNull();
    }
    for (const path of ['/', '/graphql', '/graphiql', '/graphiql/graphiql.js', '/graphiql/0.0.0/graphiql.js']) {
      expect(await graphiql.asset(path), path).toBeNull();
    }
  });
});

async function open(): Promise<OwnPage> {
  const opened = await openPage(browser, baseUrl);
  await opened.page.goto('/graphql');
  await opened.page.locator('.graphiql-query-editor .view-line').first().waitFor();
  return opened;
}

/** Runs an operation of the document, as people do: the button, then its name in the menu. */
async function run(page: Page, operation: string): Promise<void> {
  await page.getByRole('button', { name: /execute query/i }).click();
  await page.getByRole('menuitem', { name: operation, exact: true }).click();
}

const answerShown = (page: Page) => shown(page, '.graphiql-response');

/** The text of an editor; Monaco writes each space as one that does not break. */
async function shown(page: Page, selector: string): Promise<string> {
  return ((await page.locator(`${selector} .view-lines`).textContent()) ?? '').replaceAll('\u00a0', ' ');
}

async function authorizationSent(page: Page): Promise<string | undefined> {
  const [request] = await Promise.all([
    page.waitForRequest((asked) => asked.method() === 'POST' && !asked.postData()?.includes('IntrospectionQuery')),
    run(page, 'Me'),
  ]);
  return (await request.allHeaders())['authorization'];
}

/** What the editors do late (checks in workers, writing to the storage after half a second) has happened by then. */
const settle = (page: Page) => page.waitForTimeout(1500);

const typeDefs = /* GraphQL */ `
  interface UserError { code: String! message: String! }
  type FieldError { path: [String!]! code: String! message: String! }
  type ValidationError implements UserError { code: String! message: String! fieldErrors: [FieldError!]! }
  type User { id: ID! name: String! email: String isVerified: Boolean! }
  type Tokens { accessToken: String! refreshToken: String expiresIn: Int! }
  type RegisterSuccess { email: String! resendAvailableAt: String! }
  type VerifyEmailSuccess { user: User! }
  type LoginSuccess { tokens: Tokens! user: User! }
  union RegisterResult = RegisterSuccess | ValidationError
  union VerifyEmailResult = VerifyEmailSuccess | ValidationError
  union LoginResult = LoginSuccess | ValidationError
  input RegisterInput { name: String! email: String! password: String! }
  input VerifyEmailInput { email: String code: String token: String }
  input LoginInput { identifier: String! password: String! }
  type Query { me: User }
  type Mutation {
    register(input: RegisterInput!): RegisterResult!
    verifyEmail(input: VerifyEmailInput!): VerifyEmailResult!
    login(input: LoginInput!): LoginResult!
  }
`;

const refused = { __typename: 'ValidationError', code: 'VALIDATION_FAILED', message: 'No.', fieldErrors: [] };
const resolvers = {
  Mutation: {
    register: (_: unknown, { input }: { input: { email: string } }) => ({
      __typename: 'RegisterSuccess',
      email: input.email,
      resendAvailableAt: '2030-01-01T00:00:00.000Z',
    }),
    verifyEmail: () => refused,
    login: () => ({
      __typename: 'LoginSuccess',
      tokens: { accessToken: 'token.of.ada', refreshToken: 'r', expiresIn: 600 },
      user: { id: '1', name: 'Ada Lovelace', isVerified: true },
    }),
  },
};

function portOf(listening: Server | undefined): number {
  const address = listening?.address();
  if (typeof address !== 'object' || address === null) throw new Error('The server does not listen on a port.');
  return address.port;
}

async function listen(): Promise<Server> {
  const graphiql = createGraphiql({ endpoint: '/graphql', title: 'Latchkey', links: [] });
  const yoga = createYoga({ graphiql: false, logging: false, schema: createSchema({ typeDefs, resolvers }) });
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url?.split('?')[0] ?? '/';
    const isPage = path === '/graphql' && request.headers.accept?.includes('text/html');
    const own = isPage ? graphiql.page() : await graphiql.asset(path);
    if (own === null) return yoga(request, response);
    response.writeHead(own.status, Object.fromEntries(own.headers));
    response.end(await own.text());
  };
  const made = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  return made;
}

/**
 * GraphiQL in a real browser that can reach the server and nothing else.
 *
 * The server is a small one made here, whose answers tell what it was sent. GRAPHIQL_BASE_URL points the browser's
 * tests at a running service instead.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createSchema, createYoga } from 'graphql-yoga';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGraphiql } from '#graphql/graphiql.ts';
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
  test('opens, runs its first operation at the press of play, and asks no other host', async () => {
    const opened = await open();
    await play(opened.page);
    await expect.poll(() => answerShown(opened.page)).toContain('RegisterSuccess');
    await settle(opened.page);
    expect(opened.complaints).toEqual([]);
    expect([...opened.hosts]).toEqual([new URL(baseUrl).host]);
    await opened.close();
  });

  test('every step of the tour is an operation that the schema accepts', async () => {
    const opened = await open();
    for (const step of ['VerifyEmail', 'Login', 'Me']) {
      await openTab(opened.page, step);
      await play(opened.page);
      await expect.poll(() => answerShown(opened.page)).toMatch(step === 'Me' ? /"me":/ : /"__typename":/);
      expect(await answerShown(opened.page)).not.toContain('"errors"');
    }
    expect(opened.complaints).toEqual([]);
    await opened.close();
  });

  test('sends the token that is typed into the headers, and forgets it when the page is loaded again', async () => {
    const opened = await open();
    const { page } = opened;
    await openTab(page, 'Me');
    expect(await headersShown(page)).toContain('"Authorization": "Bearer "');
    expect(await authorizationSent(page)).toBe('Bearer');

    await page.locator('.graphiql-editor-tool .monaco-editor:visible').click();
    // To between "Bearer " and its quote, as a person would put it there.
    for (const key of ['Control+Home', 'ArrowDown', 'End', 'ArrowLeft']) await page.keyboard.press(key);
    await page.keyboard.insertText('token.of.ada');
    expect(await authorizationSent(page)).toBe('Bearer token.of.ada');

    await settle(page);
    expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain('token.of.ada');
    await page.reload();
    await expect.poll(() => headersShown(page)).toContain('"Authorization": "Bearer "');
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
  const graphiql = createGraphiql({ endpoint: '/auth/graphql', title: '</script><b>"&' });

  test('the page names no other host, and its title cannot break out', async () => {
    const html = await graphiql.page().text();
    expect(
      [...html.matchAll(/(?:https?:)?\/\/[\w.-]+/g)].map(String).filter((url) => url !== 'http://www.w3.org'),
    ).toEqual([]);
    expect(html.match(/<\/script>/g)).toHaveLength(2);
    expect(html).not.toContain('<b>');
  });

  test('the page runs no script but its own, evaluates none, and stands in no frame', () => {
    const policy = graphiql.page().headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'none'; script-src 'self' 'sha256-[^']+';/);
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
  await opened.page.locator('.graphiql-editor-tool .view-line:visible').first().waitFor();
  return opened;
}

async function openTab(page: Page, name: string): Promise<void> {
  await page.getByRole('tab', { name, exact: true }).click();
  // GraphiQL learns the operation's name a tenth of a second after its text: nobody presses play sooner.
  await page.waitForTimeout(500);
}

const play = (page: Page) => page.getByRole('button', { name: /execute query/i }).click();

const answerShown = (page: Page) => shown(page, '.graphiql-response');
const headersShown = (page: Page) => shown(page, '.graphiql-editor-tool .monaco-editor:visible');

/** The text of an editor; Monaco writes each space as one that does not break. */
async function shown(page: Page, selector: string): Promise<string> {
  return ((await page.locator(`${selector} .view-lines`).textContent()) ?? '').replaceAll('\u00a0', ' ');
}

async function authorizationSent(page: Page): Promise<string | undefined> {
  const [request] = await Promise.all([
    page.waitForRequest((asked) => asked.method() === 'POST' && !asked.postData()?.includes('IntrospectionQuery')),
    play(page),
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
    login: () => refused,
  },
};

function portOf(listening: Server | undefined): number {
  const address = listening?.address();
  if (typeof address !== 'object' || address === null) throw new Error('The server does not listen on a port.');
  return address.port;
}

async function listen(): Promise<Server> {
  const graphiql = createGraphiql({ endpoint: '/graphql', title: 'Latchkey' });
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

/** The JavaScript of the guides does what they say: in a page of a real browser, and in another service. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { type OverHttp, startOverHttp } from '../support/http.ts';
import { PASSWORD } from '../support/latchkey.ts';
import { blocksOf } from '../support/markdown.ts';

let service: OverHttp;
beforeAll(async () => {
  service = await startOverHttp();
});
afterAll(() => service?.close());

const scriptOf = (document: string) =>
  blocksOf(document)
    .filter(({ language }) => language === 'js')
    .map(({ text }) => text.replaceAll('http://localhost:4000', service.url))
    .join('');

test('docs/browsers-and-sessions.md: a page signs in, refreshes and signs out, and never sees the refresh token', async () => {
  const { email } = await service.latchkey.person();
  const browser = await launchBrowser();
  try {
    const context = await browser.newContext();
    const page = await context.newPage();
    // A page of the app on the origin of the service: the answers of the service itself may not run or load anything.
    await context.route(`${service.url}/app`, (route) => route.fulfill({ contentType: 'text/html', body: '' }));
    await page.goto(`${service.url}/app`);
    const answers: Promise<{ data: Record<string, object> }>[] = [];
    page.on('response', (response) => void answers.push(response.json()));
    const kept = await page.evaluate(
      async ([script, identifier, password]) => {
        const run = new Function('identifier', 'password', `return (async () => { ${script} })()`);
        await run(identifier, password);
        return document.cookie;
      },
      [scriptOf('docs/browsers-and-sessions.md'), email, PASSWORD] as const,
    );
    const tokens = { accessToken: expect.stringMatching(/^eyJ/), expiresIn: 900 };
    expect((await Promise.all(answers)).map(({ data }) => data)).toEqual([
      { login: { __typename: 'LoginSuccess', tokens } },
      { refresh: { __typename: 'RefreshSuccess', tokens } },
      { logout: { __typename: 'LogoutSuccess', endedSessionId: expect.any(String) } },
    ]);
    // What is left is the cookie of the device, which is known from now on.
    const names = (await context.cookies()).map(({ name }) => name);
    expect([kept, names]).toEqual(['', ['__Host-latchkey-device']]);
  } finally {
    await browser.close();
  }
});

test('docs/other-services.md: a service verifies an access token', async () => {
  const person = await service.latchkey.person();
  // Where the packages of this repository are found.
  const directory = new URL('../../node_modules/.cache/docs/', import.meta.url);
  const module = new URL(`${process.pid}.mjs`, directory);
  await mkdir(directory, { recursive: true });
  await writeFile(module, scriptOf('docs/other-services.md'));
  try {
    const { whoAsks } = await import(module.href);
    expect(await whoAsks(`Bearer ${person.accessToken}`)).toEqual({ userId: person.id, role: 'customer' });
    await expect(whoAsks(`Bearer ${person.accessToken.slice(0, -4)}AAAA`)).rejects.toThrow('signature');
    await expect(whoAsks(undefined)).rejects.toThrow();
  } finally {
    await rm(module);
  }
});

/** The code in docs/clients.md and docs/servers.md, run as it is printed. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { transformWithOxc } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OverHttp, startOverHttp } from '../../test/support/http.ts';
import { PASSWORD } from '../../test/support/latchkey.ts';
import { blocksOf } from '../../test/support/markdown.ts';
import { tenant } from '../../test/support/organizations.ts';
import { protectedPerson } from '../../test/support/second-factor.ts';

let service: OverHttp;
beforeAll(async () => {
  service = await startOverHttp();
});
afterAll(() => service?.close());

/** The code of a document, as one module. */
const codeOf = (document: string) =>
  blocksOf(document)
    .filter(({ language }) => /^[jt]sx?$/.test(language))
    .map(({ text }) => text)
    .join('');

/** Where the package and those it is an adapter for are found. */
const directory = new URL('../node_modules/.cache/docs/', import.meta.url);

/** Runs `use` with the code in a file. */
async function withFile<Result>(name: string, code: string, use: (file: URL) => Promise<Result>): Promise<Result> {
  const file = new URL(name, directory);
  await mkdir(directory, { recursive: true });
  await writeFile(file, code);
  try {
    return await use(file);
  } finally {
    await rm(file);
  }
}

/** The code of a document, with the address of this service. */
async function moduleOf(document: string) {
  const code = codeOf(document)
    .replaceAll('http://localhost:4000', service.url)
    // Outside of a browser there is no cookie.
    .replace("transport: 'cookie'", "transport: 'bearer'");
  const { code: script } = await transformWithOxc(code, 'module.tsx');
  return withFile(`${document.replace(/\W/g, '-')}.${process.pid}.mjs`, script, ({ href }) => import(href));
}

test.each(['docs/clients.md', 'docs/servers.md'])(
  '%s has the types that an app in strict TypeScript needs',
  (document) =>
    withFile(`${document.replace(/\W/g, '-')}.${process.pid}.tsx`, codeOf(document), async (file) => {
      const options = '--ignoreConfig --noEmit --strict --skipLibCheck --jsx react-jsx --target es2023 --types node';
      const modules = '--module esnext --moduleResolution bundler';
      const tsc = fileURLToPath(new URL('../../node_modules/.bin/tsc', import.meta.url));
      const args = [...`${options} ${modules}`.split(' '), fileURLToPath(file)];
      const { stdout } = await promisify(execFile)(tsc, args).catch((error: { stdout: string }) => error);
      expect(stdout).toBe('');
    }),
);

test('docs/clients.md: sign up, sign in, and ask with Apollo Client, urql and React', async () => {
  const { auth, signUp, signIn, signInWithCode, actIn, organizationToken, apollo, urql, App } =
    await moduleOf('docs/clients.md');
  expect(renderToString(createElement(App))).toContain('One moment');
  const person = await service.latchkey.person();
  const { email } = person;
  expect(await signUp('Ada', 'ada@example.com', 'password')).toMatch(/^password: \w/);
  expect(await signUp('Ada', 'ada@example.com', PASSWORD)).toBeNull();
  expect(await signIn(email, 'wrong')).toEqual({ problem: expect.stringMatching(/\w/) });
  const ada = await protectedPerson(service.latchkey);
  expect(await signIn(ada.email, PASSWORD)).toBe('code');
  expect(await signInWithCode(ada.app.code())).toBeNull();
  expect(await signIn(email, PASSWORD)).toBe('done');
  const { gql } = await import('@apollo/client');
  const query = 'query Me { me { email } }';
  expect((await apollo.query({ query: gql(query) })).data).toMatchObject({ me: { email } });
  expect((await urql.query(query, {}).toPromise()).data).toMatchObject({ me: { email } });
  const organization = await tenant(service.latchkey, [[person, 'ADMIN']]);
  await actIn(organization.id);
  const where = await apollo.query({ query: gql('{ currentOrganization { role organization { id } } }') });
  expect(where.data).toMatchObject({ currentOrganization: { role: 'ADMIN', organization: { id: organization.id } } });
  const [, claims = ''] = (await organizationToken(organization.id)).split('.');
  expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({ org_id: organization.id });
  auth.close();
});

test('docs/servers.md: Express knows who asks', async () => {
  const { app }: { app: RequestListener } = await moduleOf('docs/servers.md');
  const server = createServer(app);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const url = `${origin}/orders`;
  const { id, accessToken } = await service.latchkey.person();
  const response = await fetch(url, { headers: { authorization: `Bearer ${accessToken}` } });
  expect(await response.json()).toEqual({ ordersOf: id });
  expect((await fetch(url)).status).toBe(401);
  const transfer = (token: string) =>
    fetch(`${origin}/transfers`, { method: 'POST', headers: { authorization: `Bearer ${token}` } });
  expect((await transfer(accessToken)).headers.get('www-authenticate')).toBe(
    'Bearer error="insufficient_user_authentication", acr_values="aal2", max_age="300"',
  );
  const ada = await protectedPerson(service.latchkey);
  expect(await (await transfer(ada.accessToken)).json()).toEqual({ by: ada.id });
  server.closeAllConnections();
  server.close();
});

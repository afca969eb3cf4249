/** The code in docs/clients.md and docs/servers.md, run as it is printed. */
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { transformWithOxc } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OverHttp, startOverHttp } from '../../test/support/http.ts';
import { PASSWORD } from '../../test/support/latchkey.ts';
import { blocksOf } from '../../test/support/markdown.ts';
import { protectedPerson } from '../../test/support/second-factor.ts';

let service: OverHttp;
beforeAll(async () => {
  service = await startOverHttp();
});
afterAll(() => service?.close());

/** The blocks of a document as one module, with the address of this service. */
async function moduleOf(document: string) {
  const code = blocksOf(document)
    .filter(({ language }) => language === 'js' || language === 'jsx')
    .map(({ text }) => text)
    .join('')
    .replaceAll('http://localhost:4000', service.url)
    // Outside of a browser there is no cookie.
    .replace("transport: 'cookie'", "transport: 'bearer'");
  // Where the package and those it is an adapter for are found.
  const directory = new URL('../node_modules/.cache/docs/', import.meta.url);
  const module = new URL(`${document.replace(/\W/g, '-')}.${process.pid}.mjs`, directory);
  await mkdir(directory, { recursive: true });
  await writeFile(module, (await transformWithOxc(code, 'module.jsx')).code);
  try {
    return await import(module.href);
  } finally {
    await rm(module);
  }
}

test('docs/clients.md: sign in, and ask with Apollo Client, urql and React', async () => {
  const { auth, signIn, apollo, urql, App } = await moduleOf('docs/clients.md');
  expect(renderToString(createElement(App))).toContain('One moment');
  const { email } = await service.latchkey.person();
  expect(await signIn(email, 'wrong')).toMatch(/\w/);
  expect(await signIn(email, PASSWORD)).toBeNull();
  const { gql } = await import('@apollo/client');
  const query = 'query Me { me { email } }';
  expect((await apollo.query({ query: gql(query) })).data).toMatchObject({ me: { email } });
  expect((await urql.query(query, {}).toPromise()).data).toMatchObject({ me: { email } });
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

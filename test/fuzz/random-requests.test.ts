/**
 * Structured random requests over every field, route and header: none is answered with a fault, and the service is well
 * afterwards. `npm run fuzz` sends 50,000; RANDOM_SEED chooses others.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OverHttp, startOverHttp } from '../support/http.ts';
import { type OverListener, overListener } from '../support/over-listener.ts';
import { createRandomRequests, type Route } from '../support/random-requests.ts';

const COUNT = Number(process.env['RANDOM_REQUESTS'] ?? 2000);
const SEED = Number(process.env['RANDOM_SEED'] ?? 15);
const AT_ONCE = 8;

let service: OverHttp;
let over: OverListener;
beforeAll(async () => {
  service = await startOverHttp({ LOG_LEVEL: 'error' });
  over = await overListener((request, response) => service.latchkey.app.listener(request, response));
});
afterAll(async () => {
  over.close();
  await service.close();
});

type Operation = { requestBody?: { content: Record<string, { example?: Record<string, unknown> }> } };
type Document = { paths: Record<string, Record<string, Operation>> };

/** Every route of the REST APIs, with the example of its body. */
async function routes(): Promise<Route[]> {
  const { paths } = (await (await service.latchkey.fetch('/openapi.json')).json()) as Document;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { requestBody }]): Route[] => {
      const contents = Object.entries(requestBody?.content ?? {});
      const route: Route = { method: method.toUpperCase(), path, mediaType: null, fields: {} };
      return contents.length === 0
        ? [route]
        : contents.map(([mediaType, { example = {} }]) => ({ ...route, mediaType, fields: example }));
    }),
  );
}

test(`${COUNT} of seed ${SEED} give no fault, and the service stays well`, {
  timeout: 60_000 + COUNT * 60,
}, async () => {
  const { latchkey } = service;
  const [ada, bob, admin] = [await latchkey.person(), await latchkey.person(), await latchkey.person()];
  const { prisma } = latchkey.app.parts.database;
  await prisma.user.update({ where: { id: admin.id }, data: { role: 'admin' } });
  const bearers = [ada.accessToken, bob.accessToken, admin.accessToken, ada.refreshToken];
  const secrets = [
    ada.refreshToken,
    ada.sessionId,
    '000000',
    '2026-01-01T00:00:00Z',
    'MEMBER',
    'OWNER',
    'BEARER',
    'COOKIE',
  ];
  const texts = [ada.id, bob.id, ada.email, bob.email, 'new@example.test', 'correct horse battery staple', ...secrets];
  const random = createRandomRequests(SEED, { bearers, texts }, await routes());
  const statuses = new Map<number, number>();
  const faults: unknown[] = [];
  let left = COUNT;
  async function sendSome(): Promise<void> {
    while (left > 0) {
      left -= 1;
      const { path, init } = random.next();
      const response = await over.fetch(
        new Request(new URL(path.replace(/^\/\//, '/'), 'http://localhost:4000'), init),
      );
      const text = await response.text();
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
      if (response.status >= 500 || text.includes('INTERNAL_SERVER_ERROR')) {
        faults.push({ status: response.status, path, body: init.body, text: text.slice(0, 300) });
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, sendSome));
  const told = JSON.stringify(Object.fromEntries(statuses));
  if (process.env['RANDOM_REQUESTS']) process.stdout.write(`statuses of ${COUNT} requests: ${told}\n`);
  expect(faults.slice(0, 5)).toEqual([]);
  expect(latchkey.logged()).not.toContain('"level":50');
  // They were not all refused for one reason.
  expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 400, 401, 404, 405, 415]));
  expect(statuses.get(200)).toBeGreaterThan(COUNT / 10);
  expect((await latchkey.fetch('/readyz')).status).toBe(200);
});

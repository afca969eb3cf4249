/**
 * The service in a process of its own that is sent equal rounds of mixed requests and tells after each how much memory
 * it holds: `node --expose-gc memory-process.ts <directory> <requests a round>`.
 */
import { createApp } from '#app.ts';
import { parseConfig } from '#config/config.ts';
import { createRandomRequests } from './random-requests.ts';

const ROUNDS = 5;
const [directory = '', count = '300'] = process.argv.slice(2);
const quick = { HASH_MEMORY_KIB: '64', HASH_ITERATIONS: '1', HASH_SLOTS: '1' };
const env = { DATA_DIR: directory, LOG_LEVEL: 'silent', TRUSTED_PROXIES: '127.0.0.1', ...quick };
const app = await createApp(parseConfig(env));

async function memory(): Promise<{ rss: number; heap: number; external: number }> {
  for (let time = 0; time < 4; time += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    globalThis.gc?.();
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heap: heapUsed, external };
}

const texts = [
  'someone@example.test',
  'correct horse battery staple',
  '0190a0b0-0000-7000-8000-000000000000',
  '000000',
];
const login = {
  method: 'POST',
  path: '/api/login',
  mediaType: 'application/json',
  fields: { email: 'a@example.test', password: 'x' },
};
const held: Awaited<ReturnType<typeof memory>>[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  const random = createRandomRequests(round, { bearers: ['x.y.z'], texts }, [login]);
  for (let sent = 0; sent < Number(count); sent += 1) {
    const { path, init } = random.next();
    const request = new Request(new URL(path.replace(/^\/\//, '/'), 'http://localhost:4000'), init);
    await (await app.fetch(request)).text();
  }
  held.push(await memory());
}
process.stdout.write(JSON.stringify(held));
await app.close();
process.exit(0);

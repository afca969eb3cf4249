import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// The threads and processes that tests start, hundreds of each, need not compile our code again.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('../node_modules/.cache/latchkey', import.meta.url));

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  // Node gives every package the CommonJS build of graphql; Vite would give us the other one, and two do not know each
  // other.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts', 'client/test/**/*.test.ts'],
    globalSetup: ['test/support/postgres.ts'],
    // Processes, not threads: a test may end one without taking the others along.
    pool: 'forks',
    maxWorkers: 2,
    // Files that follow each other in a process share what they import: a quarter of the time of the suite.
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    server: { deps: { inline: [] } },
  },
});

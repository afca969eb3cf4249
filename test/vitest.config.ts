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
    // Each embedded database claims 128 MB outside the heap. By default, that alone starts a garbage collection of the
    // whole heap for each: a seventh of the time of the suite.
    execArgv: ['--external-memory-accounted-in-global-limit', '--initial-heap-size=1024', '--min-semi-space-size=16'],
    // Files that follow each other in a process share what they import: a quarter of the time of the suite.
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    server: { deps: { inline: [] } },
  },
});

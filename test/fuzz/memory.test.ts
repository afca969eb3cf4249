/** Equal rounds of mixed requests leave equal memory. `npm run fuzz` has longer rounds. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { dataDirectory, PREPARED } from '../support/process.ts';

const PROGRAM = fileURLToPath(new URL('../support/memory-process.ts', import.meta.url));
const MB = 1_000_000;
const REQUESTS = Number(process.env['RANDOM_REQUESTS'] ?? 2000) / 10;

test('memory has no slope over three equal rounds of mixed requests', {
  timeout: 60_000 + REQUESTS * 600,
}, async () => {
  const directory = await dataDirectory('migrated');
  try {
    const args = ['--expose-gc', ...PREPARED, PROGRAM, directory.path, String(REQUESTS)];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const held = JSON.parse(stdout) as { rss: number; heap: number }[];
    const told = held.map(({ rss, heap }) => `${Math.round(rss / MB)} (${Math.round(heap / MB)})`).join(', ');
    if (process.env['RANDOM_REQUESTS'])
      process.stdout.write(`resident memory (heap) after each round, in MB: ${told}
`);
    // The first two rounds compile code and fill the caches.
    const [, first, second, third] = held.slice(1).map(({ heap }) => heap);
    const grown = [(second ?? 0) - (first ?? 0), (third ?? 0) - (second ?? 0)];
    expect(held).toHaveLength(5);
    expect(Math.min(...grown)).toBeLessThan(1 * MB);
    expect((third ?? 0) - (first ?? 0)).toBeLessThan(4 * MB);
  } finally {
    await directory.drop();
  }
});

/** What documents leave in memory, seen from inside a process of its own. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { dataDirectory, PREPARED } from '../support/process.ts';

const PROGRAM = fileURLToPath(new URL('../support/heap-process.ts', import.meta.url));
const MB = 1_000_000;

test('thousands of documents of which no two are the same, and passwords in documents, leave next to nothing', {
  timeout: 120_000,
}, async () => {
  const directory = await dataDirectory('migrated');
  try {
    const flags = ['--expose-gc', '--max-old-space-size=512', ...PREPARED];
    const { stdout } = await promisify(execFile)(process.execPath, [...flags, PROGRAM, directory.path]);
    const { grownBy, found, answers } = JSON.parse(stdout);
    expect(grownBy).toBeLessThan(20 * MB);
    expect(found).toBe(0);
    const outcomes = answers.map((answer: string) => answer.startsWith('{"data":'));
    expect(outcomes).toEqual([true, true, true, true, false, false]);
  } finally {
    await directory.drop();
  }
});

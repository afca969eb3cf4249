/**
 * Every command begins with this (prisma/prepare.mjs). It makes what is not there yet, so the first one after `npm ci`
 * leaves what `npm run build` leaves, and later ones find it:
 *
 * - the database client, whenever the data model has changed;
 * - the bundle, if there is none. One of other sources stays as it is: a start from src/ takes less time than making a
 *   bundle, and someone who changes the code would wait for it at every start;
 * - the empty database that new embedded ones are copies of, if this start needs one.
 *
 * npm could not do it: no install script runs here, not even our own; see .npmrc.
 */
import '../prisma/runtime.ts';
import '../prisma/installed-packages.ts';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isGenerated } from '../prisma/origin.ts';
import { isWithoutBundle } from '../src/bundle.ts';
import { hasEmptyDatabase } from '../src/outside/migrations/empty-database.ts';

if (!isGenerated() || isWithoutBundle() || needsEmptyDatabase()) await makeWhatIsMissing();

async function makeWhatIsMissing(): Promise<void> {
  const { lockCache } = await import('./cache-lock.ts');
  const release = lockCache();
  try {
    const isFirst = release !== null && (isWithoutBundle() || needsEmptyDatabase());
    if (isFirst) announce();
    // Three seconds of one core, during which another one does the rest.
    const database = isFirst && needsEmptyDatabase() ? makeEmptyDatabase() : null;
    // Without the lock, it says in one sentence what is missing.
    await import('../prisma/generate.ts');
    if (isFirst && isWithoutBundle()) await makeBundle();
    await database;
  } finally {
    release?.();
  }
}

/** For someone who would wonder why nothing happens. A log has no use for it. */
function announce(): void {
  if (process.stderr.isTTY) process.stderr.write('  Preparing the first start, which takes a few seconds.\n');
}

/** Without one, everything works as well, and starts take longer. */
async function makeBundle(): Promise<void> {
  try {
    await (await import('./bundle.ts')).makeBundle();
  } catch (error) {
    complain('The code could not be bundled', error);
  }
}

/** In a process of its own: it computes, and its memory would stay with the service. */
async function makeEmptyDatabase(): Promise<void> {
  const script = `
    await import(${JSON.stringify(new URL('../prisma/runtime.ts', import.meta.url).href)});
    await (await import(${JSON.stringify(new URL('./empty-database.ts', import.meta.url).href)})).makeEmptyDatabase();`;
  try {
    const made = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
    process.once('exit', () => made.child.kill('SIGKILL'));
    await made;
  } catch (error) {
    complain('The empty database could not be made', error);
  }
}

function complain(problem: string, error: unknown): void {
  // What a process wrote before it failed says more than that it failed.
  const { stderr, message } = error as { stderr?: string; message?: string };
  const lines = (stderr || message || String(error)).split('\n');
  process.stderr.write(`${problem}, so starts take longer: ${lines.find((it) => /Error/.test(it)) ?? lines[0]}\n`);
}

/** Whether this start makes an embedded database, and so would take a copy. */
function needsEmptyDatabase(): boolean {
  const { DATABASE_URL, DATABASE_URL_FILE, DATA_DIR } = process.env;
  if (DATABASE_URL || DATABASE_URL_FILE || existsSync(join(DATA_DIR || '.data', 'database'))) return false;
  return !hasEmptyDatabase();
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { openDatabase } from '#outside/database.ts';
import { DatabaseInUseError, NotADatabaseError } from '#outside/embedded/embedded-database.ts';
import { createLog } from '#outside/log.ts';
import { applyMigrations } from '#outside/migrations/migrations.ts';
import { emptyDirectory, freshDatabase } from '../support/database.ts';
import { PREPARED } from '../support/process.ts';

const PROGRAM = fileURLToPath(new URL('../support/embedded-process.ts', import.meta.url));
const NOW = new Date('2026-07-01T12:00:00Z');
const ADA = { name: 'Ada', email: 'ada@example.com', role: 'customer', locale: 'en', createdAt: NOW, updatedAt: NOW };
const log = createLog('silent');

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function freshDirectory() {
  const fresh = await freshDatabase('embedded');
  cleanups.push(fresh.drop);
  return fresh;
}

type Run = { child: ChildProcess; lines: string[]; ended: Promise<unknown>; nextLine: () => Promise<string> };

function start(directory: string, task: 'open' | 'write'): Run {
  const child = spawn(process.execPath, [...PREPARED, PROGRAM, directory, task], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  cleanups.push(() => child.kill('SIGKILL'));
  const lines: string[] = [];
  const reader = createInterface(child.stdout).on('line', (line) => lines.push(line));
  return {
    child,
    lines,
    ended: once(child, 'close'),
    nextLine: async () => String(await once(reader, 'line')),
  };
}

async function kill({ child, ended }: Run): Promise<void> {
  child.kill('SIGKILL');
  await ended;
}

describe('the embedded database', () => {
  test('is made on the first start, for its owner only, and is there on the second', async () => {
    const fresh = emptyDirectory();
    cleanups.push(fresh.drop);
    const first = await openDatabase(fresh, log);
    await applyMigrations(first, log);
    await first.prisma.user.create({ data: ADA });
    await first.close();
    expect(statSync(fresh.directory).mode & 0o777).toBe(0o700);
    expect(statSync(`${fresh.directory}.lock`).mode & 0o777).toBe(0o600);
    expect(existsSync(`${fresh.directory}.unfinished`)).toBe(false);

    const second = await openDatabase(fresh, log);
    expect(await applyMigrations(second, log)).toEqual([]);
    expect(await second.prisma.user.count()).toBe(1);
    await second.close();
  });

  test('claims less memory than PostgreSQL does by default', async () => {
    const database = await openDatabase(await freshDirectory(), log);
    cleanups.push(database.close);
    const setting = { name: 'shared-buffers', text: 'SHOW shared_buffers' };
    expect(await database.query(setting, [])).toEqual([{ shared_buffers: '32MB' }]);
  });

  test('refuses a second process and leaves the data alone', async () => {
    const fresh = await freshDirectory();
    const database = await openDatabase(fresh, log);
    await database.prisma.user.create({ data: ADA });

    const second = start(fresh.directory, 'open');
    await second.ended;
    expect(second.lines).toEqual([expect.stringMatching(`^refused DatabaseInUseError: .*process ${process.pid}\\.`)]);
    expect(second.child.exitCode).toBe(3);
    await expect(openDatabase(fresh, log)).rejects.toThrow(DatabaseInUseError);
    const third = start(fresh.directory, 'open');
    await third.ended;
    expect(third.child.exitCode).toBe(3);

    await database.prisma.user.update({ where: { email: ADA.email }, data: { name: 'Grace' } });
    await database.close();
    const again = await openDatabase(fresh, log);
    expect((await again.prisma.user.findUniqueOrThrow({ where: { email: ADA.email } })).name).toBe('Grace');
    await again.close();
  });

  test('is released when the process that had it closes it, without a change of the exit code', async () => {
    const fresh = await freshDirectory();
    const holder = start(fresh.directory, 'open');
    expect(await holder.nextLine()).toBe('open');
    holder.child.stdin?.end();
    await holder.ended;
    expect(holder.child.exitCode).toBe(0);
    const database = await openDatabase(fresh, log);
    await database.close();
  });

  test('of several processes that find it abandoned exactly one gets it', async () => {
    const fresh = await freshDirectory();
    const holder = start(fresh.directory, 'open');
    expect(await holder.nextLine()).toBe('open');
    await kill(holder);

    const takers = [1, 2, 3].map(() => start(fresh.directory, 'open'));
    const answers = await Promise.all(takers.map((taker) => taker.nextLine()));
    expect(answers.filter((answer) => answer === 'open')).toHaveLength(1);
    expect(answers.filter((answer) => answer.startsWith('refused DatabaseInUseError'))).toHaveLength(2);
    for (const taker of takers) taker.child.stdin?.end();
    await Promise.all(takers.map((taker) => taker.ended));
  });

  test('leaves a directory alone that holds something else', async () => {
    const fresh = emptyDirectory();
    cleanups.push(fresh.drop);
    mkdirSync(fresh.directory, { recursive: true });
    writeFileSync(join(fresh.directory, 'thesis.txt'), 'years of work');
    await expect(openDatabase(fresh, log)).rejects.toThrow(NotADatabaseError);
    expect(readdirSync(fresh.directory)).toEqual(['thesis.txt']);
    expect(readFileSync(join(fresh.directory, 'thesis.txt'), 'utf8')).toBe('years of work');
  });
});

describe('after kill -9', () => {
  test('at any moment of the first start the next start works', { timeout: 90_000 }, async () => {
    const fresh = emptyDirectory();
    cleanups.push(fresh.drop);
    for (const milliseconds of [150, 400, 700, 1000, 1400, 1900, 2500, 3200]) {
      const run = start(fresh.directory, 'open');
      const answer = await Promise.race([sleep(milliseconds), run.nextLine()]);
      if (answer !== undefined) expect(answer).toBe('open');
      await kill(run);
    }
    const database = await openDatabase(fresh, log);
    await applyMigrations(database, log);
    expect(await database.prisma.user.count()).toBe(0);
    await database.close();
    expect(existsSync(`${fresh.directory}.unfinished`)).toBe(false);
  });

  test('while writing, every acknowledged write is there', { timeout: 90_000 }, async () => {
    const fresh = await freshDirectory();
    const acknowledged: string[] = [];
    for (const [milliseconds, writes] of [1, 2, 3, 5, 8, 12, 16, 20].entries()) {
      const run = start(fresh.directory, 'write');
      expect(await run.nextLine()).toBe('open');
      while (run.lines.length <= writes) await run.nextLine();
      // Somewhere within the next write.
      await sleep(milliseconds);
      await kill(run);
      acknowledged.push(...run.lines.filter((line) => line !== 'open'));
    }
    const database = await openDatabase(fresh, log);
    const users = await database.prisma.user.findMany({ include: { sessions: true } });
    const found = new Set(users.map((user) => user.id));
    expect(acknowledged.length).toBeGreaterThan(50);
    expect(acknowledged.filter((id) => !found.has(id))).toEqual([]);
    // No transaction is there by half either.
    expect(users.filter((user) => user.sessions.length !== 1)).toEqual([]);
    await database.close();
  });
});

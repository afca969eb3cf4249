/** Write everything that the database holds into a file: `latchkey export --all`. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { MAIL_DEAD_LETTER, MAIL_QUEUE } from '#core/mail/outbox.ts';
import { OperatorError } from '#errors/operator-error.ts';
import type { PrismaDb } from '#outside/database.ts';
import { type ExportPart, exportLines } from '#outside/import-export/export-file.ts';
import { countRows, readRows, tablesToCopy } from '#outside/import-export/table-copy.ts';
import { command, UsageError } from '../command.ts';
import { withParts } from '../open.ts';
import { note } from '../terminal.ts';
import { copyVersion } from './copy-version.ts';
import { createProgress } from './progress.ts';

/** Readable for its owner only. */
const PRIVATE = 0o600;

export const exportCommand = command({
  name: 'export',
  words: ['FILE'],
  summary: 'write the complete database into a file, to move it to another one',
  options: { all: { type: 'boolean', help: 'every table: accounts, sessions, keys, audit log, waiting emails' } },
  details: `
Stop the service first: what it writes later is not in the file. \`latchkey import --all\` reads the file into an empty
database, embedded or PostgreSQL, with the same version and the same SECRET. People stay signed in.

FILE must not exist. It is created so that only you can read it. It holds what a backup holds: names, addresses, password
hashes, and keys that are encrypted with SECRET. Someone who has it and SECRET can sign in as anyone, so delete it after
the import. \`-\` writes to standard output, for a program that encrypts it.

  COMMAND --all latchkey.export`,
  run: async ({ terminal, options, words: [path = ''] }) => {
    if (options.all !== true) throw new UsageError('Add --all: an export always contains everything.');
    const progress = createProgress(terminal);
    const rows = await withParts(terminal, async ({ parts: { database, secrets, clock } }) => {
      const header = { ...(await copyVersion(database)), exportedAt: clock().toISOString() };
      const count = { rows: 0 };
      const show = () => progress.show(`${count.rows} rows written`);
      const write = async (stream: Writable) =>
        database.longTransaction(
          async (db) => {
            for await (const line of exportLines(header, partsOf(db, count), secrets.export)) {
              if (!stream.write(line)) await once(stream, 'drain');
              show();
            }
          },
          { isSnapshot: true },
        );
      if (path === '-') await write(terminal.stdout);
      else await intoNewFile(path, write);
      return count.rows;
    });
    progress.done();
    note(terminal, `${rows} rows written. With SECRET, they open every account: delete the file after the import.`);
    return 0;
  },
});

async function* partsOf(db: PrismaDb, count: { rows: number }): AsyncGenerator<ExportPart> {
  for (const table of await tablesToCopy(db, [MAIL_QUEUE, MAIL_DEAD_LETTER])) {
    yield { table: table.name, rows: await countRows(db, table) };
    for await (const rows of readRows(db, table)) {
      count.rows += rows.length;
      yield rows;
    }
  }
}

/** Leaves the complete file, or none. */
async function intoNewFile(path: string, write: (stream: Writable) => Promise<void>): Promise<void> {
  const file = createWriteStream(path, { flags: 'wx', mode: PRIVATE });
  await once(file, 'open').catch((error: NodeJS.ErrnoException) => {
    throw new OperatorError(
      error.code === 'EEXIST' ? `${path} exists already.` : `Cannot write ${path}: ${error.message}`,
    );
  });
  const failed = once(file, 'error').then(([error]) => Promise.reject(error));
  failed.catch(() => {});
  try {
    await Promise.race([write(file), failed]);
    file.end();
    await Promise.race([once(file, 'close'), failed]);
  } catch (error) {
    file.destroy();
    await rm(path, { force: true });
    throw error;
  }
}

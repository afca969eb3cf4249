/** Read a file of `latchkey export --all` into an empty database: `latchkey import --all`. */
import { audit } from '#core/audit.ts';
import { MAIL_DEAD_LETTER, MAIL_QUEUE } from '#core/mail/outbox.ts';
import { acceptedSecrets } from '#core/secrets.ts';
import { OperatorError } from '#errors/operator-error.ts';
import type { PrismaDb } from '#outside/database.ts';
import { ExportFileError, readHeader, readParts } from '#outside/import-export/export-file.ts';
import {
  type CopiedTable,
  clearUnused,
  tablesToCopy,
  withoutForeignKeys,
  writeRows,
} from '#outside/import-export/table-copy.ts';
import { UsageError } from '../command.ts';
import { withParts } from '../open.ts';
import { operatorContext } from '../operator.ts';
import { say, type Terminal } from '../terminal.ts';
import { copyVersion } from './copy-version.ts';
import { createProgress, type Progress } from './progress.ts';

/** Everything is checked before anything is written, and all of it is written in one transaction. */
export async function importEverything(terminal: Terminal, path: string): Promise<number> {
  if (path === '-') throw new UsageError('FILE must be a file, because it is read twice.');
  const progress = createProgress(terminal);
  const rows = await withParts(terminal, async ({ parts }) => {
    const { database, secrets } = parts;
    const keys = acceptedSecrets(secrets).map((derived) => derived.export);
    const header = await readHeader(path, keys);
    const own = await copyVersion(database);
    if (header.version !== own.version || header.migrations.join() !== own.migrations.join()) {
      throw new ExportFileError(path, `is of version ${header.version}, and this is ${own.version}. Use the same one`);
    }
    for await (const part of readParts(path, keys)) if (!Array.isArray(part)) progress.show(`checking ${part.table}`);
    return database.longTransaction(async (db) => {
      const count = await writeEverything(db, path, keys, progress);
      await audit({ ...operatorContext(parts), db }, 'import_all.completed', null);
      return count;
    });
  });
  progress.done();
  say(terminal, `${rows} rows imported.`);
  return 0;
}

async function writeEverything(db: PrismaDb, path: string, keys: readonly Uint8Array[], progress: Progress) {
  const tables = await tablesToCopy(db, [MAIL_QUEUE, MAIL_DEAD_LETTER]);
  await clearUnused(db, tables);
  let written = 0;
  await withoutForeignKeys(db, async () => {
    let expected = 0;
    let table: CopiedTable | undefined;
    for await (const part of readParts(path, keys)) {
      if (Array.isArray(part)) {
        if (table === undefined) throw new ExportFileError(path, 'is damaged');
        written += await writeRows(db, table, part);
        progress.show(`${written} rows written`);
      } else {
        table = tables.find(({ name }) => name === part.table);
        if (table === undefined) throw new OperatorError(`There is no table ${part.table}. Nothing was changed.`);
        expected += part.rows;
      }
    }
    if (written !== expected) throw new OperatorError(`${written} of ${expected} rows fit. Nothing was changed.`);
  });
  return written;
}

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
import { type CopyVersion, copyVersion } from './copy-version.ts';
import { createProgress, type Progress } from './progress.ts';

/** Checks the complete file before it writes anything, and writes everything in one transaction. */
export async function importEverything(terminal: Terminal, path: string): Promise<number> {
  if (path === '-') throw new UsageError('FILE must be a file, because it is read twice.');
  const progress = createProgress(terminal);
  const rows = await withParts(terminal, async ({ parts }) => {
    const { database, secrets } = parts;
    const keys = acceptedSecrets(secrets).map((derived) => derived.export);
    const header = await readHeader(path, keys);
    requireSameVersion(path, header, await copyVersion(database));
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

/** Rows are written as they are, so both databases must have the same tables. */
function requireSameVersion(path: string, file: CopyVersion, own: CopyVersion): void {
  if (file.version !== own.version) {
    const advice = `Import it with version ${file.version}, and then update`;
    throw new ExportFileError(path, `is of version ${file.version}, and this is ${own.version}. ${advice}`);
  }
  // Between two releases.
  const missing = file.migrations.filter((name) => !own.migrations.includes(name));
  const added = own.migrations.filter((name) => !file.migrations.includes(name));
  const [problem, names] =
    missing.length > 0
      ? ['has migrations that are unknown here', missing]
      : ['lacks migrations that are known here', added];
  if (names.length > 0) throw new ExportFileError(path, `${problem}: ${names.join(', ')}. Use the same build`);
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

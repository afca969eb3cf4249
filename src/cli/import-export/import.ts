/** Import users from another system: `latchkey import`. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { type ImportProblem, type ImportRecord, importUsers } from '#capabilities/import-users/import-users.ts';
import { IMPORT_FIELDS } from '#capabilities/import-users/imported-user.ts';
import type { Ctx } from '#core/context.ts';
import { OperatorError } from '#errors/operator-error.ts';
import {
  type FileRecord,
  readCsv,
  readJsonLines,
  UnreadableFileError,
  type UnreadableRecord,
} from '#outside/import-export/record-file.ts';
import { command, JSON_OPTION, UsageError } from '../command.ts';
import { withOperator } from '../open.ts';
import { note, say, sayJson, type Terminal } from '../terminal.ts';
import { importEverything } from './import-all.ts';
import { createProgress } from './progress.ts';

/** Records of one transaction. */
const BATCH = 500;
/** How many problems are kept for --json. All are counted, and without --json all are printed. */
const MAX_LISTED = 1000;

export const importCommand = command({
  name: 'import',
  words: ['FILE'],
  summary: 'import users from another system, from CSV or JSON lines',
  options: {
    all: { type: 'boolean', help: 'read a file of `latchkey export --all` into an empty database' },
    'dry-run': { type: 'boolean', help: 'check every record without writing anything' },
    format: { type: 'string', value: 'FORMAT', help: 'csv or jsonl (default: from the file extension)' },
    delimiter: { type: 'string', value: 'CHARACTER', help: 'CSV delimiter (default: comma; `tab` for a tab)' },
    'ignore-unknown': { type: 'boolean', help: 'ignore columns that are not listed below' },
    ...JSON_OPTION,
  },
  details: `
FILE is UTF-8; \`-\` reads standard input and requires --format. The first line of a CSV file names the columns:

${Object.entries(IMPORT_FIELDS)
  .map(([field, meaning]) => `  ${field.padEnd(18)} ${meaning}`)
  .join('\n')}

Hashes: argon2, bcrypt ($2a, $2b, $2y), scrypt, and PBKDF2, as PHC strings or in the format of Django. Weak ones are
wrapped in Argon2id at once. Each is replaced the next time its owner signs in.

Records are checked like registrations. A record with a problem is reported with its line and field and is not imported;
the others are. Records whose email address already has an account are skipped and counted, so an interrupted import can
be run again. Exit code 1 if there was a problem.

With --all, FILE holds everything of another Latchkey installation. Stop that service for good, and start this one after
the import.

  COMMAND users.csv --dry-run
  COMMAND --all latchkey.export`,
  run: async ({ terminal, options, words: [path = ''] }) => {
    if (options.all) return importEverything(terminal, path);
    const format = formatOf(path, options.format);
    const delimiter = delimiterOf(options.delimiter);
    const { stream, size } = await openFile(path, terminal);
    const records = format === 'csv' ? readCsv(stream, delimiter) : readJsonLines(stream);
    const isTrial = options['dry-run'] === true;
    const ignoresUnknown = options['ignore-unknown'] === true;
    const percent = () => (size === null ? '' : ` (${Math.floor((100 * bytesRead(stream)) / Math.max(1, size))} %)`);
    const result = await withOperator(terminal, (ctx) =>
      importAll(ctx, records, { terminal, isTrial, ignoresUnknown, showsProblems: !options.json, percent }),
    ).finally(() => stream.destroy());
    if (options.json) sayJson(terminal, { dryRun: isTrial, ...result });
    else {
      const verb = isTrial ? 'would be imported' : 'imported';
      say(
        terminal,
        `${result.imported} ${verb}, ${result.skipped} skipped (account exists), ${result.failed} rejected.`,
      );
    }
    return result.failed === 0 ? 0 : 1;
  },
});

type ReportedProblem = Omit<ImportProblem, 'field' | 'code'> & { field: string | null; code: string };
type ImportOutcome = { imported: number; skipped: number; failed: number; problems: ReportedProblem[] };
type ImportMode = {
  terminal: Terminal;
  isTrial: boolean;
  ignoresUnknown: boolean;
  showsProblems: boolean;
  percent: () => string;
};

async function importAll(
  ctx: Ctx,
  records: AsyncIterable<FileRecord | UnreadableRecord>,
  { terminal, isTrial, ignoresUnknown, showsProblems, percent }: ImportMode,
): Promise<ImportOutcome> {
  const outcome: ImportOutcome = { imported: 0, skipped: 0, failed: 0, problems: [] };
  const progress = createProgress(terminal);
  const seen = new Map<string, number>();
  let batch: ImportRecord[] = [];
  let read = 0;
  const report = (problems: readonly ReportedProblem[]) => {
    if (problems.length > 0) progress.done();
    for (const problem of problems) {
      if (outcome.problems.length < MAX_LISTED) outcome.problems.push(problem);
      const { line, field, message } = problem;
      if (showsProblems) note(terminal, `line ${line}: ${field === null ? '' : `${field}: `}${message}`);
    }
    outcome.failed += new Set(problems.map(({ line }) => line)).size;
  };
  const flush = async () => {
    const { imported, skipped, problems } = await importUsers(ctx, { records: batch, isTrial });
    outcome.imported += imported;
    outcome.skipped += skipped;
    report(problems);
    batch = [];
    progress.show(`${read} records read${percent()}, ${outcome.imported} imported`);
  };
  try {
    for await (const record of records) {
      read += 1;
      const problem = 'problem' in record ? unreadable(record) : problemOf(record, seen, ignoresUnknown);
      if (problem !== null) report([problem]);
      else if ('fields' in record) batch.push({ line: record.line, fields: record.fields });
      if (batch.length >= BATCH) await flush();
    }
  } catch (error) {
    if (!(error instanceof UnreadableFileError)) throw error;
    report([
      {
        line: error.line,
        field: null,
        code: 'INVALID_FORMAT',
        message: `${error.message} The rest of the file was not read.`,
      },
    ]);
  }
  if (batch.length > 0) await flush();
  progress.done();
  return outcome;
}

function unreadable({ line, field, problem }: UnreadableRecord): ReportedProblem {
  return { line, field, code: 'INVALID_FORMAT', message: `The ${field === null ? 'record' : 'value'} ${problem}.` };
}

/** Problems that show without the database: an unknown column, or an address that occurred earlier in the file. */
function problemOf(
  { line, fields }: FileRecord,
  seen: Map<string, number>,
  ignoresUnknown: boolean,
): ReportedProblem | null {
  const unknown = ignoresUnknown
    ? undefined
    : Object.keys(fields).find((field) => !Object.hasOwn(IMPORT_FIELDS, field));
  if (unknown !== undefined) {
    const message = 'Unknown field. Use --ignore-unknown to ignore it.';
    return { line, field: unknown, code: 'NOT_ALLOWED', message };
  }
  const address = String(fields['email'] ?? '')
    .trim()
    .toLowerCase();
  const before = seen.get(address);
  if (address !== '' && before !== undefined) {
    return { line, field: 'email', code: 'ALREADY_TAKEN', message: `The address already occurs on line ${before}.` };
  }
  seen.set(address, line);
  return null;
}

function formatOf(path: string, format: string | undefined): 'csv' | 'jsonl' {
  const name = format ?? /\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase();
  if (name === 'csv') return 'csv';
  if (name === 'jsonl' || name === 'ndjson') return 'jsonl';
  throw new UsageError('--format must be csv or jsonl.');
}

function delimiterOf(delimiter = ','): string {
  const sign = delimiter === 'tab' ? '\t' : delimiter;
  if (sign.length === 1 && !/["\r\n]/.test(sign)) return sign;
  throw new UsageError('--delimiter must be a single character or tab.');
}

async function openFile(path: string, terminal: Terminal): Promise<{ stream: Readable; size: number | null }> {
  if (path === '-') return { stream: terminal.stdin, size: null };
  try {
    const file = await stat(path);
    if (!file.isDirectory()) return { stream: createReadStream(path), size: file.size };
  } catch (error) {
    throw new OperatorError(`Cannot read ${path} (${(error as NodeJS.ErrnoException).code}).`);
  }
  throw new OperatorError(`${path} is a directory.`);
}

function bytesRead(stream: Readable): number {
  return 'bytesRead' in stream && typeof stream.bytesRead === 'number' ? stream.bytesRead : 0;
}

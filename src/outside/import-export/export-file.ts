/**
 * The file of `latchkey export --all`: JSON lines. The first line says what the file is. The tables follow, each with a
 * line that says its name and number of rows. The last line is an HMAC of everything before it. So an incomplete or
 * changed file is refused, and so is one of another SECRET, with which its keys and links would be useless.
 */
import { createHmac, type Hmac, timingSafeEqual } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { OperatorError } from '#errors/operator-error.ts';

export type ExportHeader = {
  latchkey: 'export';
  format: 1;
  /** Of the service that wrote the file. */
  version: string;
  /** Every migration of its database; only a database with the same ones can read the file. */
  migrations: string[];
  exportedAt: string;
};

export type ExportPart = { table: string; rows: number } | string[];

const BATCH = 500;

export class ExportFileError extends OperatorError {
  constructor(path: string, problem: string) {
    super(`${path} ${problem}. Nothing was changed.`);
  }
}

/** The lines of the file. `tables` yields, for each table, its number of rows and then the rows. */
export async function* exportLines(
  header: Omit<ExportHeader, 'latchkey' | 'format'>,
  tables: AsyncIterable<ExportPart>,
  key: Uint8Array,
): AsyncGenerator<string> {
  const mac = createHmac('sha256', key);
  const add = (line: string) => {
    mac.update(`${line}\n`);
    return `${line}\n`;
  };
  const first = { latchkey: 'export', format: 1, ...header };
  yield add(JSON.stringify({ ...first, check: checkOf(first, key) }));
  for await (const part of tables) {
    yield Array.isArray(part) ? part.map(add).join('') : add(JSON.stringify(part));
  }
  yield `${JSON.stringify({ mac: mac.digest('base64url') })}\n`;
}

/** Reads the first line. Fails with ExportFileError for another kind of file, or one of another SECRET. */
export async function readHeader(path: string, keys: readonly Uint8Array[]): Promise<ExportHeader> {
  for await (const line of linesOf(path)) {
    const { check, ...header } = parse(path, line);
    if (header['latchkey'] !== 'export' || header['format'] !== 1) break;
    if (!keys.some((key) => checkOf(header, key) === check)) {
      throw new ExportFileError(path, 'was written with another SECRET. Use the SECRET of the service that wrote it');
    }
    return header as ExportHeader;
  }
  throw new ExportFileError(path, 'was not written by `latchkey export --all` of this version');
}

/** Reads the tables. If the file is incomplete or was changed, fails with ExportFileError, at the end at the latest. */
export async function* readParts(path: string, keys: readonly Uint8Array[]): AsyncGenerator<ExportPart> {
  const macs = keys.map((key) => createHmac('sha256', key));
  let left = 0;
  let rows: string[] = [];
  let isFirst = true;
  let isComplete = false;
  for await (const line of linesOf(path)) {
    if (isComplete) throw new ExportFileError(path, 'continues after its end');
    if (!isFirst && left === 0) {
      if (rows.length > 0) yield rows;
      rows = [];
      const part = parse(path, line);
      if (typeof part['mac'] === 'string') {
        requireMac(path, macs, part['mac']);
        isComplete = true;
        continue;
      }
      const { table, rows: count } = part;
      if (typeof table !== 'string' || typeof count !== 'number') throw new ExportFileError(path, 'is damaged');
      left = count;
      yield { table, rows: count };
    } else if (!isFirst) {
      rows.push(line);
      left -= 1;
      if (rows.length === BATCH) {
        yield rows;
        rows = [];
      }
    }
    isFirst = false;
    for (const mac of macs) mac.update(`${line}\n`);
  }
  if (!isComplete) throw new ExportFileError(path, 'is incomplete');
}

function requireMac(path: string, macs: readonly Hmac[], given: string): void {
  const bytes = Buffer.from(given, 'base64url');
  const isOne = macs
    .map((mac) => mac.digest())
    .some((own) => own.length === bytes.length && timingSafeEqual(own, bytes));
  if (!isOne) throw new ExportFileError(path, 'was changed after it was written');
}

function checkOf(header: object, key: Uint8Array): string {
  return createHmac('sha256', key).update(JSON.stringify(header)).digest('base64url');
}

function parse(path: string, line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Not JSON.
  }
  throw new ExportFileError(path, 'was not written by `latchkey export --all`, or is damaged');
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const file = createReadStream(path, 'utf8');
  const unreadable = new Promise<never>((_, reject) => {
    file.once('error', (error) => reject(new ExportFileError(path, `cannot be read: ${error.message}`)));
  });
  unreadable.catch(() => {});
  const lines = createInterface({ input: file, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await Promise.race([lines.next(), unreadable]);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    file.destroy();
  }
}

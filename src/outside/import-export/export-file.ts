/**
 * The file of `latchkey export --all`: JSON lines. The first says what it is; then follow the tables, each with a line
 * that names it and says how many rows follow; the last is an HMAC of everything before it. So a file that was cut or
 * changed is not read, and nor is one of another SECRET, under which its keys and links would be useless.
 */
import { createHmac, type Hmac, timingSafeEqual } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { OperatorError } from '#errors/operator-error.ts';

export type ExportHeader = {
  latchkey: 'export';
  format: 1;
  /** Of the service that wrote it. */
  version: string;
  /** Every migration of its database: only the same ones can read it. */
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

/** The lines of the file. `tables` gives for each table how many rows it has, and then the rows. */
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

/** Reads the first line. Fails with ExportFileError if it is not such a file, or one of another SECRET. */
export async function readHeader(path: string, keys: readonly Uint8Array[]): Promise<ExportHeader> {
  for await (const line of linesOf(path)) {
    const { check, ...header } = parse(path, line);
    if (header['latchkey'] !== 'export' || header['format'] !== 1) break;
    if (!keys.some((key) => checkOf(header, key) === check)) {
      throw new ExportFileError(path, 'was written with another SECRET. Set the one of the service that it is from');
    }
    return header as ExportHeader;
  }
  throw new ExportFileError(path, 'is not a file of `latchkey export --all` of this version');
}

/** Reads the tables again. Fails with ExportFileError, at the latest at its end, if the file is not complete. */
export async function* readParts(path: string, keys: readonly Uint8Array[]): AsyncGenerator<ExportPart> {
  const macs = keys.map((key) => createHmac('sha256', key));
  let left = 0;
  let rows: string[] = [];
  let isFirst = true;
  let isComplete = false;
  for await (const line of linesOf(path)) {
    if (isComplete) throw new ExportFileError(path, 'goes on after its end');
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
  if (!isComplete) throw new ExportFileError(path, 'is cut off');
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
  throw new ExportFileError(path, 'is not a file of `latchkey export --all`, or is damaged');
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

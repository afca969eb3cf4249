/**
 * Reads a file of records, CSV (RFC 4180, also with other line endings and delimiters) or JSON lines, one record at a
 * time, so that the file may be of any size. Every record has its line number; one that cannot be read has the reason.
 */
import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CsvError, type Info, parse } from 'csv-parse';

export type FileRecord = { line: number; fields: Record<string, unknown> };
export type UnreadableRecord = { line: number; field: string | null; problem: string };

/** The file cannot be read; the message says where and why. */
export class UnreadableFileError extends Error {
  readonly line: number;
  constructor(line: number, problem: string) {
    super(problem);
    this.line = line;
  }
}

/** Longer than any record of a user. */
const MAX_RECORD_BYTES = 65_536;
const NOT_UTF8 = 'is not UTF-8';
const TOO_LONG = `is longer than ${MAX_RECORD_BYTES} bytes`;

/** CSV whose first record names the columns. May fail with UnreadableFileError at any record. */
export async function* readCsv(
  input: Readable,
  delimiter: string,
): AsyncGenerator<FileRecord | UnreadableRecord, void, undefined> {
  // Read as Latin-1, so that bytes that are not UTF-8 are preserved until a field is read, and can be reported by line.
  const parser = parse({
    encoding: 'latin1',
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    max_record_size: MAX_RECORD_BYTES,
    relax_column_count: true,
    info: true,
  });
  // The parser below throws errors of this stream.
  pipeline(withoutByteOrderMark(input), parser).catch(() => {});
  let columns: string[] | null = null;
  let nextLine = 1;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
      const line = nextLine;
      nextLine = info.lines + 1;
      if (record.length === 1 && record[0] === '') continue;
      if (columns === null) columns = readColumns(record, line);
      else yield readRecord(columns, record, line);
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const tooLong = error.code === 'CSV_MAX_RECORD_SIZE';
    throw new UnreadableFileError(
      nextLine,
      tooLong ? `The record ${TOO_LONG}.` : 'A quotation mark is misplaced or not closed.',
    );
  } finally {
    parser.destroy();
    input.destroy();
  }
}

function readColumns(record: readonly string[], line: number): string[] {
  const columns = record.map((name) => Buffer.from(name, 'latin1').toString('utf8').trim().toLowerCase());
  const twice = columns.find((name, at) => columns.indexOf(name) !== at);
  if (twice !== undefined) throw new UnreadableFileError(line, `There are two columns named ${JSON.stringify(twice)}.`);
  return columns;
}

function readRecord(
  columns: readonly string[],
  record: readonly string[],
  line: number,
): FileRecord | UnreadableRecord {
  if (record.length !== columns.length) {
    const problem = `has ${record.length} fields, but the first line names ${columns.length}`;
    return { line, field: null, problem };
  }
  const bytes = record.map((field) => Buffer.from(field, 'latin1'));
  const wrong = bytes.findIndex((field) => !isUtf8(field));
  if (wrong >= 0) return { line, field: columns[wrong] ?? null, problem: NOT_UTF8 };
  return { line, fields: Object.fromEntries(columns.map((name, at) => [name, bytes[at]?.toString('utf8') ?? ''])) };
}

/** One JSON object per line. Fails with UnreadableFileError if the file is not UTF-8 at all. */
export async function* readJsonLines(input: Readable): AsyncGenerator<FileRecord | UnreadableRecord, void, undefined> {
  let line = 0;
  for await (const bytes of linesOf(withoutByteOrderMark(input))) {
    line += 1;
    if (bytes === null) yield { line, field: null, problem: TOO_LONG };
    else if (!isUtf8(bytes)) yield { line, field: null, problem: NOT_UTF8 };
    else if (bytes.toString('utf8').trim() !== '') yield readJson(bytes.toString('utf8'), line);
  }
}

function readJson(text: string, line: number): FileRecord | UnreadableRecord {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { line, fields: { ...value } };
  } catch {
    // Do not use the message of the parser, because it quotes the line.
  }
  return { line, field: null, problem: 'is not a JSON object' };
}

/** The lines without line endings; null for a line that is too long and was discarded. */
async function* linesOf(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer | null, void, undefined> {
  let parts: Buffer[] = [];
  let length = 0;
  const take = (part: Buffer) => {
    length += part.length;
    if (length <= MAX_RECORD_BYTES) parts.push(part);
  };
  const finish = () => {
    const line = length > MAX_RECORD_BYTES ? null : Buffer.concat(parts);
    parts = [];
    length = 0;
    return line;
  };
  for await (const chunk of source) {
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      take(chunk.subarray(from, at));
      yield finish();
      from = at + 1;
    }
    take(chunk.subarray(from));
  }
  if (length > 0) yield finish();
}

/** Removes the byte order mark that some programs write before UTF-8, and recognizes UTF-16 by its own. */
async function* withoutByteOrderMark(input: Readable): AsyncGenerator<Buffer, void, undefined> {
  let start: Buffer | null = Buffer.alloc(0);
  for await (const piece of input) {
    const chunk = Buffer.from(piece);
    if (start === null) {
      yield chunk;
      continue;
    }
    start = Buffer.concat([start, chunk]);
    if (start.length < 3) continue;
    yield plainStart(start);
    start = null;
  }
  if (start !== null && start.length > 0) yield plainStart(start);
}

function plainStart(start: Buffer): Buffer {
  const mark = start.toString('latin1', 0, 2);
  if (mark === '\xff\xfe' || mark === '\xfe\xff') {
    throw new UnreadableFileError(1, 'The file is UTF-16; save it as UTF-8.');
  }
  return start.toString('latin1', 0, 3) === '\xef\xbb\xbf' ? start.subarray(3) : start;
}

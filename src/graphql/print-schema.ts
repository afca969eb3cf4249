/**
 * Writes `schema.graphql`, or with `--check` fails when the file differs from what the code says.
 * Run by `npm run generate` and `npm run check`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { schema } from './schema.ts';

const FILE = new URL('../../schema.graphql', import.meta.url);
const HEADER = '# Printed from the code by `npm run schema`; do not edit.\n\n';

/** The schema in SDL, sorted. */
export function printedSchema(): string {
  return `${HEADER}${printSchema(lexicographicSortSchema(schema))}\n`;
}

if (import.meta.main) {
  if (!process.argv.includes('--check')) writeFileSync(FILE, printedSchema());
  else if (readFileSync(FILE, 'utf8') !== printedSchema()) {
    process.stderr.write('schema.graphql differs from the code: run `npm run schema` and commit the file.\n');
    process.exitCode = 1;
  }
}

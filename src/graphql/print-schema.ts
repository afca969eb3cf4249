/**
 * Writes `schema.graphql`, or with `--check` fails when the file differs from what the code says.
 * Run by `npm run generate` and `npm run check`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { schemaText } from './schema-text.ts';

const FILE = new URL('../../schema.graphql', import.meta.url);

if (!process.argv.includes('--check')) writeFileSync(FILE, schemaText());
else if (readFileSync(FILE, 'utf8') !== schemaText()) {
  process.stderr.write('schema.graphql differs from the code: run `npm run schema` and commit the file.\n');
  process.exitCode = 1;
}

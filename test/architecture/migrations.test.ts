/** Migrations leave what the version before needs, because its replicas go on beside the new ones during an upgrade. */

import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../support/source-files.ts';

/** Takes something away from the version before, or asks something of it that it does not do. */
const BREAKING: readonly (readonly [RegExp, string])[] = [
  [/\bDROP (?:TABLE|COLUMN|TYPE|SCHEMA)\b/i, 'drops what the version before reads'],
  [/\bRENAME\b/i, 'renames what the version before reads'],
  [/\bALTER COLUMN \S+ (?:SET DATA )?TYPE\b/i, 'changes the type of a column'],
  [/\bALTER COLUMN \S+ SET NOT NULL\b/i, 'requires a column that the version before may not fill'],
  [/\bADD COLUMN(?![^,;]*\bDEFAULT\b)[^,;]*\bNOT NULL\b/i, 'adds a column that the version before does not fill'],
];
/** From before the first release. */
const BEFORE = '20261122';
/** Migrations that look as if they did, and the tests in which the version before goes on beside them. */
const REVIEWED: ReadonlyMap<string, string> = new Map([
  ['20261127161502_audit_by_month', 'test/outside/audit-upgrade.test.ts'],
]);

test('a migration takes nothing away from the version before', () => {
  const found = globSync('prisma/migrations/*/migration.sql', { cwd: ROOT })
    .filter((path) => path > `prisma/migrations/${BEFORE}` && !REVIEWED.has(basename(dirname(path))))
    .flatMap((path) => {
      const script = readFileSync(join(ROOT, path), 'utf8').replace(/--.*$/gm, '');
      return BREAKING.filter(([pattern]) => pattern.test(script)).map(([, why]) => `${path} ${why}.`);
    });
  expect(found).toEqual([]);
  for (const path of REVIEWED.values()) expect(existsSync(join(ROOT, path)), path).toBe(true);
});

test.each([
  ['ALTER TABLE "users" ADD COLUMN "a" TEXT NOT NULL;', 1],
  ['ALTER TABLE "users" ADD COLUMN "a" TEXT NOT NULL DEFAULT \'\';', 0],
  ['ALTER TABLE "users" ADD COLUMN "a" TEXT, ADD COLUMN "b" INTEGER NOT NULL;', 1],
  ['ALTER TABLE "users" DROP COLUMN "a";', 1],
  ['DROP INDEX "users_a_idx";', 0],
])('%s', (script, count) => {
  expect(BREAKING.filter(([pattern]) => pattern.test(script))).toHaveLength(count);
});

/** The table of budgets in the documents is the one that is enforced. */
import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BUDGET_NAMES } from '#core/limits/budgets.ts';
import { withBudgets } from '#core/limits/print-budgets.ts';

const PAGE = 'docs/abuse-control.md';

test('the printed table of budgets equals the declared one', () => {
  const page = readFileSync(PAGE, 'utf8');
  expect(page).toBe(withBudgets(page));
  expect(page.match(/^\| `[a-z-]+` \|/gm)).toEqual(BUDGET_NAMES.map((name) => `| \`${name}\` |`));
});

test('every budget is used, and no limit is declared elsewhere', () => {
  const sources = globSync('src/**/*.ts', { exclude: ['src/generated/**'] })
    .filter((path) => !path.endsWith('limits/budgets.ts'))
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }));
  const isNamed = (name: string) => sources.some(({ text }) => text.includes(`'${name}'`));
  expect(BUDGET_NAMES.filter((name) => !isNamed(name))).toEqual([]);
  expect(sources.filter(({ text }) => /\bwindowSeconds: \d/.test(text)).map(({ path }) => path)).toEqual([]);
});

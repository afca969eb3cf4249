/**
 * Writes the table of budgets into `docs/abuse-control.md`, between two comments, or with `--check` fails if it differs
 * from the code. Run by `npm run docs`, `npm run generate`, and `npm run check`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS } from '#core/time.ts';
import { BUDGET_NAMES, type BudgetRule, ruleOf } from './budgets.ts';

const FILE = new URL('../../../docs/abuse-control.md', import.meta.url);
const START = '<!-- Printed from src/core/limits/budgets.ts by `npm run docs`; do not edit. -->\n\n';
const END = '\n<!-- End of the printed table. -->';

/** The table, as Markdown. */
function printedBudgets(): string {
  const rows = BUDGET_NAMES.map((name) => {
    const rule = ruleOf(name);
    const cells = [
      `\`${name}\``,
      rule.counts,
      rule.sharedBy,
      rule.limit.toLocaleString('en'),
      duration(rule.windowSeconds),
      waitOf(rule),
    ];
    return `| ${cells.join(' | ')} |\n`;
  });
  return `| budget | counts | shared by | limit | window | beyond it |\n|---|---|---|--:|---|---|\n${rows.join('')}`;
}

/** The document with today's table in it. */
export function withBudgets(document: string): string {
  const start = document.indexOf(START);
  const end = document.indexOf(END);
  if (start < 0 || end < start) throw new Error(`${FILE.pathname} has lost the comments around its table of budgets`);
  return document.slice(0, start) + START + printedBudgets() + document.slice(end);
}

function waitOf({ beyond, maxWaitSeconds, windowSeconds, requiresEmailProof = false, refusal }: BudgetRule): string {
  if (beyond !== undefined) return beyond;
  if (refusal === undefined) return 'nothing';
  if (requiresEmailProof) return 'unknown devices need a proof by email';
  if (maxWaitSeconds !== undefined) return `waits of 1, 2, 4 … ${maxWaitSeconds} s`;
  const span = duration(windowSeconds);
  return span.startsWith('1 ') ? `refused until the ${span.slice(2)} is over` : `refused until the ${span} are over`;
}

function duration(seconds: number): string {
  const units = [
    ['day', DAY_SECONDS],
    ['hour', HOUR_SECONDS],
    ['minute', MINUTE_SECONDS],
  ] as const;
  const [unit, length] = units.find(([, size]) => seconds % size === 0) ?? (['second', 1] as const);
  const count = seconds / length;
  return count === 1 ? `1 ${unit}` : `${count} ${unit}s`;
}

if (import.meta.main) {
  const before = readFileSync(FILE, 'utf8');
  const after = withBudgets(before);
  if (!process.argv.includes('--check')) writeFileSync(FILE, after);
  else if (before !== after) {
    process.stderr.write('docs/abuse-control.md is not up to date. Run `npm run docs` and commit the file.\n');
    process.exitCode = 1;
  }
}

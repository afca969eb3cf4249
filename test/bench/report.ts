/** What came out: a table for people, JSON for programs. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export type Row = {
  metric: string;
  latchkey: number;
  unit: '/s' | 'ms' | 'MB' | 'AUC';
  /** What it is held against. */
  baseline?: { name: string; value: number; cpuMicros?: number | null };
  /** Microseconds of CPU of each answer. */
  cpuMicros?: number | null;
  /** The same ratio by the CPU time of each answer. */
  ratioByCpu?: number | null;
  /** Share of the time that the server computed. */
  busy?: number | null;
  /** What the ratio of the two should be; without a baseline, the figure itself. */
  goal?: { atLeast: number } | { atMost: number } | { from: number; to: number };
};

const RESULTS = fileURLToPath(new URL('results.json', import.meta.url));

/**
 * Below this share of busy time the rate is that of something else: PostgreSQL, the load, other users of the machine.
 */
const BUSY = 0.9;

const HEAD = ['', 'Latchkey', 'CPU', 'held against', '', 'CPU', 'ratio', 'by CPU', 'goal', 'met'];

export function printTable(rows: readonly Row[]): void {
  const cells = [HEAD, ...rows.map(cellsOf)];
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) => `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |\n`;
  const [head = [], ...body] = cells;
  const rule = line(widths.map((width) => '-'.repeat(width)));
  process.stdout.write(`\n${line(head)}${rule}${body.map(line).join('')}\n`);
  const heldUp = rows.filter((row) => (row.busy ?? 1) < BUSY).map((row) => row.metric);
  if (heldUp.length > 0) {
    const which = [...new Set(heldUp)].join('; ');
    process.stdout.write(
      `Latchkey had to wait for something else (${which}): there, the ratio by CPU time says more.\n\n`,
    );
  }
}

/** Writes results.json beside this file; gives its path. */
export function writeResults(results: { environment: object; rows: readonly Row[]; samples: object }): string {
  const rows = results.rows.map((row) => ({ ...row, ratio: ratioOf(row), met: isMet(row) }));
  writeFileSync(RESULTS, `${JSON.stringify({ ...results, rows }, null, 2)}\n`);
  return RESULTS;
}

function cellsOf(row: Row): string[] {
  const { metric, latchkey, unit, baseline, goal } = row;
  const ratio = ratioOf(row);
  const met = isMet(row);
  const limit = (value: number) => (baseline === undefined ? amount(value, unit) : value.toFixed(2));
  return [
    metric,
    amount(latchkey, unit),
    microseconds(row.cpuMicros),
    baseline?.name ?? '',
    baseline === undefined ? '' : amount(baseline.value, unit),
    microseconds(baseline?.cpuMicros),
    ratio?.toFixed(2) ?? '',
    row.ratioByCpu?.toFixed(2) ?? '',
    goal === undefined ? '' : goalOf(goal, limit),
    met === null ? '' : met ? 'yes' : 'no',
  ];
}

function goalOf(goal: NonNullable<Row['goal']>, limit: (value: number) => string): string {
  if ('from' in goal) return `${goal.from}–${goal.to}`;
  return 'atLeast' in goal ? `≥ ${limit(goal.atLeast)}` : `≤ ${limit(goal.atMost)}`;
}

function ratioOf({ latchkey, baseline }: Row): number | null {
  return baseline === undefined ? null : latchkey / baseline.value;
}

function isMet(row: Row): boolean | null {
  if (row.goal === undefined) return null;
  const figure = ratioOf(row) ?? row.latchkey;
  if ('from' in row.goal) return figure >= row.goal.from && figure <= row.goal.to;
  return 'atLeast' in row.goal ? figure >= row.goal.atLeast : figure <= row.goal.atMost;
}

function microseconds(value: number | null | undefined): string {
  return value == null ? '' : `${value.toLocaleString('en', { maximumFractionDigits: 0 })} µs`;
}

function amount(value: number, unit: Row['unit']): string {
  if (unit === 'AUC') return value.toFixed(3);
  const digits = unit === '/s' ? (value < 1000 ? 1 : 0) : value < 100 ? 1 : 0;
  const number = value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return unit === '/s' ? `${number}/s` : `${number} ${unit}`;
}

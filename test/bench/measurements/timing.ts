/**
 * Whether the time of an answer tells what the answer does not: known and unknown addresses, the right and the wrong
 * state. Both of a pair are asked in turns, in random order, over one connection. The AUC is the chance that a random
 * answer of the one takes longer than a random one of the other: 0.5 if the time says nothing.
 *
 * In every turn the second kind is asked twice. What it gives against itself is what chance gives: with 300 samples,
 * two AUCs of three are within 0.024 of 0.5.
 */
import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Connection, openConnection } from '../connection.ts';
import { median } from '../load.ts';
import { type Bench, latchkeyProgram, type Result } from '../measurement.ts';
import type { Row } from '../report.ts';
import type { Person } from '../seed.ts';
import { startServer } from '../servers.ts';
import { type Pair, timingPairs } from './timing-pairs.ts';

export const TIMING_SAMPLES = 300;
const QUICK_SAMPLES = 20;
/** Of these, each answers before it counts: code is compiled, plans are made. */
const WARM_UP = 20;
/** After a request that sends an email: rendering it takes time from the next request, which says nothing about it. */
const UNTIL_SENT_MS = 12;

const KINDS = ['one', 'other', 'again'] as const;
type Kind = (typeof KINDS)[number];
const MOST_PAIRS = 12;

/** How many people so many samples take. */
export function usersForTiming(samples: number): number {
  return (samples + WARM_UP) * KINDS.length * MOST_PAIRS;
}

/** What an AUC should be within. */
const EVEN = { from: 0.45, to: 0.55 };

export async function measureTiming(bench: Bench): Promise<Result> {
  const env = { ...bench.env, ACCOUNT_DISCOVERY: 'conceal-everywhere' };
  const server = await startServer(bench.cores, latchkeyProgram(env));
  const connection = await openConnection(server.port);
  const samples = bench.stretch(bench.samples) < bench.samples ? QUICK_SAMPLES : bench.samples;
  const rows: Row[] = [];
  const all: Record<string, object> = {};
  try {
    const people = inSlices(bench.seeded.people);
    for (const pair of timingPairs(connection, bench.env['DATABASE_URL'])) {
      if (bench.pairs !== null && !bench.pairs.some((name) => pair.name.includes(name))) continue;
      const asked = people((samples + WARM_UP) * KINDS.length);
      await pair.prepare?.(asked.filter((_, index) => kindAt(index) === 'one'));
      const { one, other, again } = await askInTurns(connection, pair, asked);
      const [auc, chance] = [aucOf(one, other), aucOf(again, other)];
      all[pair.name] = { [pair.one[0]]: one, [pair.other[0]]: other, again, auc, chance };
      rows.push(
        {
          metric: `time of ${pair.name}: ${pair.one[0]}`,
          latchkey: median(one),
          unit: 'ms',
          baseline: { name: pair.other[0], value: median(other) },
        },
        { metric: `AUC of ${pair.name}`, latchkey: auc, unit: 'AUC', goal: EVEN },
        { metric: `  ${pair.other[0]} against itself`, latchkey: chance, unit: 'AUC' },
      );
    }
  } finally {
    connection.close();
    await server.stop();
  }
  return { rows, samples: all };
}

/** Of people in a row, which kind of request each is asked for. */
function kindAt(index: number): Kind {
  return KINDS[index % KINDS.length] ?? 'one';
}

async function askInTurns(connection: Connection, { one, other, sendsMail }: Pair, people: readonly Person[]) {
  const times: Record<Kind, number[]> = { one: [], other: [], again: [] };
  const answers: Record<Kind, Set<string>> = { one: new Set(), other: new Set(), again: new Set() };
  const timed = async (kind: Kind, person: Person, counts: boolean) => {
    const sent = (kind === 'one' ? one : other)[1](person);
    const before = performance.now();
    const { body } = await connection.send(sent);
    const time = performance.now() - before;
    answers[kind].add(/"__typename":"(\w+)"/.exec(body)?.[1] ?? body);
    if (counts) times[kind].push(time);
    if (sendsMail) await pause(UNTIL_SENT_MS);
  };
  for (let at = 0; at + KINDS.length <= people.length; at += KINDS.length) {
    const counts = at >= WARM_UP * KINDS.length;
    const turns = people.slice(at, at + KINDS.length).map((person, index) => ({ person, kind: kindAt(index) }));
    for (const { person, kind } of shuffled(turns)) await timed(kind, person, counts);
  }
  const [ones, others] = [[...answers.one].join(), [...answers.other].join()];
  if (ones !== others) throw new Error(`The answers differ: ${ones} and ${others}.`);
  return times;
}

function shuffled<T>(items: readonly T[]): T[] {
  const left = [...items];
  return items.flatMap(() => left.splice(randomInt(left.length), 1));
}

/** The chance that a value of `one` is above one of `other`, ties as half (Mann and Whitney). */
function aucOf(one: readonly number[], other: readonly number[]): number {
  const sorted = [...other].sort((a, b) => a - b);
  const countBelow = (value: number, orEqual: boolean) => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const seen = sorted[middle] ?? Number.POSITIVE_INFINITY;
      if (seen < value || (orEqual && seen === value)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const wins = one.reduce((sum, value) => sum + (countBelow(value, false) + countBelow(value, true)) / 2, 0);
  return wins / (one.length * other.length);
}

/** So many people at a time, who were not asked about before: budgets and states are those of each pair. */
function inSlices(people: readonly Person[]): (count: number) => Person[] {
  let at = 0;
  return (count) => {
    if (at + count > people.length) throw new Error('Timing needs more --users.');
    at += count;
    return people.slice(at - count, at);
  };
}

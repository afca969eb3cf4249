/** Whether response times reveal who has an account. A few samples only: `npm run bench -- --only timing` has more. */
import type { AttackCase } from '../attack-case.ts';
import { LOGIN, REQUEST_RESET } from '../operations.ts';
import { register } from '../people.ts';
import type { Target } from '../target.ts';

/** Of each kind. By chance, all six of one kind are slower or faster than the other six once in 462 runs. */
const SAMPLES = 6;
/** A smaller share of the time cannot be noticed over a network. */
const NOTICEABLE = 0.25;

type Ask = (target: Target, email: string) => Promise<number>;

const reset: Ask = async (target, email) => (await target.graphql(REQUEST_RESET, { input: { email } })).ms;
const login: Ask = async (target, identifier) =>
  (await target.graphql(LOGIN, { input: { identifier, password: 'wrong guess 1 of 1' } })).ms;

async function findingOf(target: Target, name: string, ask: Ask): Promise<string[]> {
  const known: number[] = [];
  const unknown: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample++) {
    const email = target.address('known');
    await register(target, email);
    known.push(await ask(target, email));
    unknown.push(await ask(target, target.address('unknown')));
  }
  const isApart = Math.min(...known) > Math.max(...unknown) || Math.max(...known) < Math.min(...unknown);
  const [ofKnown, ofUnknown] = [medianOf(known), medianOf(unknown)];
  if (!isApart || Math.abs(ofKnown - ofUnknown) < NOTICEABLE * Math.max(ofKnown, ofUnknown)) return [];
  return [`${name} takes ${ofKnown.toFixed(1)} ms for a known address and ${ofUnknown.toFixed(1)} ms for another.`];
}

function medianOf(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

export const TIMES: AttackCase = {
  name: 'enumeration by time',
  holds: 'Answers for known and unknown addresses take the same time.',
  means: 'Strangers can tell by the time who has an account. If this repeats on a quiet machine, report it.',
  run: async (target) => [
    ...(await findingOf(target, 'requestPasswordReset', reset)),
    ...(await findingOf(target, 'login', login)),
  ],
};

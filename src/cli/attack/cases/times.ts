/** Who has an account, told by how long an answer takes. A few samples: `npm run bench -- --only timing` has more. */
import type { AttackCase } from '../attack-case.ts';
import { LOGIN, REQUEST_RESET } from '../operations.ts';
import { register } from '../people.ts';
import type { Target } from '../target.ts';

/** Of each kind. That six of one kind are all slower than six of the other is chance once in 462 times. */
const SAMPLES = 6;
/** Less than this share of the time cannot be told over a network. */
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
  means: 'Strangers can time who has an account. Run it again on a quiet machine; if it stays, report it.',
  run: async (target) => [
    ...(await findingOf(target, 'requestPasswordReset', reset)),
    ...(await findingOf(target, 'login', login)),
  ],
};

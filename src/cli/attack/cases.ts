/**
 * Every attack, in the order in which they run: those that need to sign in come before those that use up the budget of
 * this network.
 */
import type { AttackCase } from './attack-case.ts';
import { ANSWERS } from './cases/answers.ts';
import { FORGERIES } from './cases/forgeries.ts';
import { FRAMING } from './cases/framing.ts';
import { ALIAS_FLOOD, FORWARDED, PARALLEL_GUESSES, ROADS } from './cases/guesses.ts';
import { CODE_GUESSES, RESET_REPLAY, TOKEN_REPLAY } from './cases/replays.ts';
import { BODY_ABUSE, HEADER_ABUSE } from './cases/requests.ts';
import { TIMES } from './cases/times.ts';
import { LOCK_OUT, MAIL_BOMB } from './cases/victims.ts';

/** Whether the service has survived all of it. */
const SURVIVAL: AttackCase = {
  name: 'survival',
  holds: 'No request caused an internal error, and the service is ready.',
  means: 'Someone can make the service fail. Find the error in the log, and report it.',
  run: async (target) => {
    const { status } = await target.send('/readyz');
    return [...new Set(target.faults), ...(status === 200 ? [] : [`/readyz answers ${status}.`])];
  },
};

export const ATTACKS: readonly AttackCase[] = [
  CODE_GUESSES,
  RESET_REPLAY,
  TOKEN_REPLAY,
  FORGERIES,
  MAIL_BOMB,
  FRAMING,
  BODY_ABUSE,
  HEADER_ABUSE,
  LOCK_OUT,
  ANSWERS,
  TIMES,
  ALIAS_FLOOD,
  PARALLEL_GUESSES,
  ROADS,
  FORWARDED,
  SURVIVAL,
];

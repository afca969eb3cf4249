/** Whether answers reveal who has an account. */
import { type AttackCase, at } from '../attack-case.ts';
import { LOGIN, REGISTER, REQUEST_LOGIN, REQUEST_RESET } from '../operations.ts';
import { PASSWORD, register } from '../people.ts';
import type { Target } from '../target.ts';

/** Without `resendVerification`, because a new registration has used up its budget. */
const ASKED: readonly (readonly [field: string, query: string, inputFor: (email: string) => object])[] = [
  ['requestPasswordReset', REQUEST_RESET, (email) => ({ email })],
  ['requestLogin', REQUEST_LOGIN, (email) => ({ email })],
  ['register', REGISTER, (email) => ({ name: 'Attack Test', email, password: PASSWORD })],
  ['login', LOGIN, (email) => ({ identifier: email, password: 'wrong guess 1 of 1' })],
];

/** A result and the codes of its errors, without what differs between any two answers. */
async function outcomeOf(target: Target, query: string, field: string, input: object): Promise<string> {
  const { status, json } = await target.graphql(query, { input });
  const errors = at(json, 'errors');
  const codes = Array.isArray(errors) ? errors.map((error) => at(error, 'extensions', 'code')) : [];
  return JSON.stringify([status, at(json, 'data', field, '__typename'), at(json, 'data', field, 'code'), ...codes]);
}

export const ANSWERS: AttackCase = {
  name: 'enumeration by answer',
  holds: 'Addresses with and without an account get the same answers.',
  means: 'Strangers can find out who has an account. Unless you set ACCOUNT_DISCOVERY=reveal, report it.',
  run: async (target) => {
    const found: string[] = [];
    for (const [field, query, inputFor] of ASKED) {
      const known = target.address('known');
      await register(target, known);
      const ofKnown = await outcomeOf(target, query, field, inputFor(known));
      const ofUnknown = await outcomeOf(target, query, field, inputFor(target.address('unknown')));
      if (ofKnown !== ofUnknown) found.push(`${field} answers ${ofKnown} to a known address, ${ofUnknown} to another.`);
    }
    return found;
  },
};

/** Codes, links, and tokens that work once, used again and many times at once. */
import { type AttackCase, at, textAt } from '../attack-case.ts';
import { LOGOUT, ME, REFRESH, REQUEST_RESET, RESET, VERIFY } from '../operations.ts';
import { mailsTo, ownAccount, PASSWORD, register, tokenIn } from '../people.ts';
import type { Target } from '../target.ts';

const AT_ONCE = 8;

/** How many of the parallel attempts got this type of result. */
async function successes(
  field: string,
  type: string,
  attempts: readonly Promise<{ json: unknown }>[],
): Promise<number> {
  const answers = await Promise.all(attempts);
  return answers.filter(({ json }) => at(json, 'data', field, '__typename') === type).length;
}

export const CODE_GUESSES: AttackCase = {
  name: 'guessed codes',
  holds: 'After a few wrong codes at once, the right one no longer works.',
  means: 'Someone can guess a six-digit code in time. Report it.',
  run: async (target) => {
    const email = target.address('codes');
    await register(target, email);
    const [mail] = await mailsTo(target, email, 1);
    const right = mail?.code ?? '';
    const wrong = Array.from({ length: 12 }, (_, number) =>
      String((Number(right) + 1 + number) % 1_000_000).padStart(6, '0'),
    );
    const verify = (code: string) => target.graphql(VERIFY, { input: { email, code } });
    await Promise.all(wrong.map(verify));
    const count = await successes('verifyEmail', 'VerifyEmailSuccess', [verify(right)]);
    return count > 0 ? [`After ${wrong.length} wrong codes, the right one was accepted.`] : [];
  },
};

export const RESET_REPLAY: AttackCase = {
  name: 'reused link',
  holds: 'A reset link works once.',
  means: 'Anyone who finds an old email gets the account. Report it.',
  run: async (target) => {
    const { email } = await ownAccount(target, 'reset');
    await target.graphql(REQUEST_RESET, { input: { email } });
    const mails = await mailsTo(target, email, 2);
    const token = mails.map(tokenIn).find((it) => it !== '') ?? '';
    const reset = (number: number) => target.graphql(RESET, { input: { token, newPassword: `${PASSWORD} ${number}` } });
    const attempts = Array.from({ length: AT_ONCE }, (_, number) => reset(number));
    const count = await successes('resetPassword', 'ResetPasswordSuccess', attempts);
    const again = await successes('resetPassword', 'ResetPasswordSuccess', [reset(99)]);
    return [
      ...(count > 1 ? [`A reset link worked ${count} times at once.`] : []),
      ...(again > 0 ? ['A reset link that had been used worked again.'] : []),
    ];
  },
};

async function refreshed(target: Target, refreshToken: string): Promise<string> {
  const { json } = await target.graphql(REFRESH, { input: { refreshToken } });
  return textAt(json, 'data', 'refresh', 'tokens', 'refreshToken');
}

export const TOKEN_REPLAY: AttackCase = {
  name: 'stolen tokens',
  holds: 'Parallel refreshes get one successor. Spent refresh tokens, and all tokens after a sign-out, are refused.',
  means: 'A stolen token keeps working. Report it.',
  run: async (target) => {
    const account = await ownAccount(target, 'tokens');
    const parallel = Array.from({ length: AT_ONCE }, () => refreshed(target, account.refreshToken));
    const successors = new Set((await Promise.all(parallel)).filter((token) => token !== ''));
    const [second = ''] = successors;
    const third = await refreshed(target, second);
    await refreshed(target, third);
    const replayed = await refreshed(target, account.refreshToken);

    const other = await ownAccount(target, 'logout');
    await target.graphql(LOGOUT, { input: { refreshToken: other.refreshToken } });
    const me = await target.graphql(ME, {}, { authorization: `Bearer ${other.accessToken}` });
    const asAccess = await target.graphql(ME, {}, { authorization: `Bearer ${other.refreshToken}` });
    return [
      ...(successors.size > 1 ? [`One refresh token had ${successors.size} successors.`] : []),
      ...(replayed === '' ? [] : ['A refresh token that was spent long ago still refreshes.']),
      ...((await refreshed(target, other.refreshToken)) === '' ? [] : ['A refresh token works after signing out.']),
      ...(at(me.json, 'data', 'me', 'id') === undefined ? [] : ['An access token works after signing out.']),
      ...(at(asAccess.json, 'data', 'me', 'id') === undefined
        ? []
        : ['A refresh token is accepted as an access token.']),
    ];
  },
};

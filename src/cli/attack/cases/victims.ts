/** What strangers can do to someone whose address they know: lock them out, and flood their mailbox. */
import { type AttackCase, at } from '../attack-case.ts';
import { LOGIN, REQUEST_LOGIN, REQUEST_RESET, RESEND, RESET } from '../operations.ts';
import { mailsTo, ownAccount, PASSWORD, register, tokenIn } from '../people.ts';

export const LOCK_OUT: AttackCase = {
  name: 'locking out a victim',
  holds:
    'After fifty wrong passwords, the owner still signs in on a known device, sessions continue, and a reset by email ' +
    'lets the owner in elsewhere.',
  means: 'Strangers can lock the owner out of an account. Report it.',
  run: async (target) => {
    const victim = await ownAccount(target, 'victim');
    const guesses = Array.from({ length: 50 }, (_, number) =>
      target.graphql(LOGIN, { input: { identifier: victim.email, password: `wrong guess number ${number}` } }),
    );
    await Promise.all(guesses);
    const { deviceToken } = victim;
    const input = { identifier: victim.email, password: PASSWORD, ...(deviceToken !== '' && { deviceToken }) };
    const known = await target.graphql(LOGIN, { input });
    const me = await target.graphql('{ me { id } }', {}, { authorization: `Bearer ${victim.accessToken}` });
    await target.graphql(REQUEST_RESET, { input: { email: victim.email } });
    const token = (await mailsTo(target, victim.email, 2)).map(tokenIn).find((it) => it !== '') ?? '';
    const reset = await target.graphql(RESET, { input: { token, newPassword: `${PASSWORD} new` } });
    return [
      ...(at(known.json, 'data', 'login', '__typename') === 'LoginSuccess'
        ? []
        : ['The victim cannot sign in on a device on which they have signed in before.']),
      ...(typeof at(me.json, 'data', 'me', 'id') === 'string' ? [] : ['The session of the victim has ended.']),
      ...(at(reset.json, 'data', 'resetPassword', '__typename') === 'ResetPasswordSuccess'
        ? []
        : ['The victim cannot reset the password.']),
    ];
  },
};

/** One for each of four purposes, and one in reserve. */
const MOST_MAILS = 5;

export const MAIL_BOMB: AttackCase = {
  name: 'mail bombing',
  holds: 'Forty requests do not flood a mailbox: each purpose sends one email a minute.',
  means: 'Strangers can flood a mailbox and ruin the reputation of your mail server. Report it.',
  run: async (target) => {
    const email = target.address('mails');
    await register(target, email);
    const input = { email };
    const requests = Array.from({ length: 10 }, () => [
      target.graphql(REQUEST_RESET, { input }),
      target.graphql(RESEND, { input }),
      target.graphql(REQUEST_LOGIN, { input }),
      register(target, email).catch(() => undefined),
    ]);
    await Promise.all(requests.flat());
    const count = (await mailsTo(target, email, MOST_MAILS + 1)).length;
    return count > MOST_MAILS ? [`Forty requests sent ${count} emails to one address.`] : [];
  },
};

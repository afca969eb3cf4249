/** Make an account: `latchkey users create`. */
import { createUser } from '#capabilities/users/create-user.ts';
import { command, JSON_OPTION, UsageError } from './command.ts';
import { withOperator } from './open.ts';
import { readPassword } from './password-prompt.ts';
import { say, sayJson } from './terminal.ts';
import { userDetails, userJson } from './user-output.ts';

const MAILS = {
  'reset-password': 'An email with a link for setting the password is queued; the link is good for 30 minutes.',
  'verify-email': 'An email with a link that proves the address is queued.',
};

export const usersCreate = command({
  name: 'users create',
  summary: 'make an account',
  options: {
    email: { type: 'string', value: 'ADDRESS', help: 'required' },
    name: { type: 'string', value: 'NAME', help: 'required' },
    password: { type: 'boolean', help: 'ask for a password, or read it from standard input' },
    verified: { type: 'boolean', help: 'the address is known to be theirs: no proof is asked for' },
    username: { type: 'string', value: 'USERNAME', help: 'to sign in with as well' },
    phone: { type: 'string', value: 'NUMBER', help: 'with country code; to sign in with as well' },
    role: { type: 'string', value: 'ROLE', help: 'one of USER_ROLES; the first of them unless said' },
    locale: { type: 'string', value: 'LANGUAGE', help: 'of emails and pages: en, de, es or fr' },
    ...JSON_OPTION,
  },
  details: `
Without --password the person is mailed a link for setting one. A password is never an argument: those end up in the
history of the shell and in the list of processes.

  COMMAND --email ada@example.com --name "Ada" --role admin --verified --password < password.txt

With --json: {"user": {…}, "mail": "reset-password", "verify-email" or null}.
A queued mail leaves by the service, at its next start if it is not running.`,
  run: async ({ terminal, options }) => {
    const { email, name, username, phone, role, locale } = options;
    if (email === undefined || name === undefined) throw new UsageError('--email and --name are required.');
    const password = options.password ? await readPassword(terminal) : null;
    const isVerified = options.verified === true;
    const { user, mail } = await withOperator(terminal, (ctx) =>
      createUser(ctx, { email, name, username, phone, role, locale, password, isVerified }),
    );
    if (options.json) sayJson(terminal, { user: userJson(user), mail });
    else say(terminal, `${userDetails(user)}${mail === null ? '' : `\n\n${MAILS[mail]}`}`);
    return 0;
  },
});

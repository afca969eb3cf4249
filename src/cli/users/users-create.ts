/** Create an account: `latchkey users create`. */
import { createUser, requireFirstAdministrator } from '#capabilities/users/create-user.ts';
import { command, JSON_OPTION, UsageError } from '../command.ts';
import { withOperator } from '../open.ts';
import { say, sayJson } from '../terminal.ts';
import { readPassword } from './password-prompt.ts';
import { userDetails, userJson } from './user-output.ts';

const MAILS = {
  'reset-password': 'An email with a link to set the password is queued. The link expires after 30 minutes.',
  'verify-email': 'An email with a link to verify the address is queued.',
};

export const usersCreate = command({
  name: 'users create',
  summary: 'create an account',
  options: {
    email: { type: 'string', value: 'ADDRESS', help: 'required' },
    name: { type: 'string', value: 'NAME', help: 'required' },
    password: { type: 'boolean', help: 'for the first administrator: prompt for a password, or read it' },
    verified: { type: 'boolean', help: 'mark the email address as verified' },
    username: { type: 'string', value: 'USERNAME', help: 'can be used to sign in' },
    phone: { type: 'string', value: 'NUMBER', help: 'with country code; can be used to sign in' },
    role: { type: 'string', value: 'ROLE', help: 'one of USER_ROLES (default: the first)' },
    locale: { type: 'string', value: 'LANGUAGE', help: 'language of emails and pages, such as de' },
    ...JSON_OPTION,
  },
  details: `
The owner gets an email with a link to set a password, so that nobody else ever knows it. The first administrator can
be created before emails work: --password asks for the password, or reads it from standard input. It cannot be an
argument, because arguments end up in the shell history and the process list.

  COMMAND --email ada@example.com --name "Ada" \\
    --role admin --verified --password < password.txt

With --json: {"user": {…}, "mail": "reset-password", "verify-email" or null}.
The service sends queued emails, at its next start if it is not running.`,
  run: async ({ terminal, options }) => {
    const { email, name, username, phone, role, locale } = options;
    if (email === undefined || name === undefined) throw new UsageError('--email and --name are required.');
    const isVerified = options.verified === true;
    const { user, mail } = await withOperator(terminal, async (ctx) => {
      // Checked before, so that nobody types a password that will not be used.
      if (options.password) await requireFirstAdministrator(ctx, role);
      const password = options.password ? await readPassword(terminal) : null;
      return createUser(ctx, { email, name, username, phone, role, locale, password, isVerified });
    });
    if (options.json) sayJson(terminal, { user: userJson(user), mail });
    else say(terminal, `${userDetails(user)}${mail === null ? '' : `\n\n${MAILS[mail]}`}`);
    return 0;
  },
});

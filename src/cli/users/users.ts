/** Find accounts: `latchkey users list` and `show`. */
import { validate as isUuid } from 'uuid';
import { listUsers } from '#capabilities/users/users.ts';
import { command, integerOption, JSON_OPTION, UsageError } from '../command.ts';
import { withOperator } from '../open.ts';
import { note, say, sayJson } from '../terminal.ts';
import { requireUser, USER_HELP, userDetails, userJson, userTable } from './user-output.ts';

export const usersList = command({
  name: 'users list',
  summary: 'list accounts, newest first',
  options: {
    search: {
      type: 'string',
      value: 'TEXT',
      help: 'words of name, email address, username or phone number, or how they begin',
    },
    role: { type: 'string', value: 'ROLE', help: 'only accounts with this platform role' },
    verified: { type: 'boolean', help: 'only accounts with a verified email address' },
    unverified: { type: 'boolean', help: 'only accounts without one' },
    disabled: { type: 'boolean', help: 'only disabled accounts' },
    enabled: { type: 'boolean', help: 'only accounts that are not disabled' },
    oldest: { type: 'boolean', help: 'oldest first' },
    limit: { type: 'string', value: 'NUMBER', help: 'maximum number of accounts (default 50, at most 1000)' },
    after: { type: 'string', value: 'ID', help: 'the next page: only accounts after this one in the list' },
    ...JSON_OPTION,
  },
  details: `
With --json: {"users": […], "next": ID or null}.
--search finds "hopper", "gra hop", "@example.org" and "example.org"; case and accents do not matter.
Every page is read from an index, so the last is as fast as the first.`,
  run: async ({ terminal, options }) => {
    const limit = integerOption('limit', options.limit, 50, 1000);
    if (options.after !== undefined && !isUuid(options.after))
      throw new UsageError('--after must be the id of an account.');
    const page = {
      search: options.search,
      role: options.role,
      isVerified: eitherOf('verified', options.verified, 'unverified', options.unverified),
      isDisabled: eitherOf('disabled', options.disabled, 'enabled', options.enabled),
      orderBy: options.oldest ? ('OLDEST_FIRST' as const) : ('NEWEST_FIRST' as const),
      after: options.after,
    };
    const found = await withOperator(terminal, (ctx) => listUsers(ctx, { ...page, limit: limit + 1 }));
    const users = found.slice(0, limit);
    const last = users.at(-1);
    const next = found.length > limit && last !== undefined ? last.id : null;
    if (options.json) {
      sayJson(terminal, { users: users.map(userJson), next });
      return 0;
    }
    say(terminal, users.length === 0 ? 'No matching accounts.' : userTable(users));
    if (next !== null) note(terminal, `More results: --after ${next}`);
    return 0;
  },
});

export const usersShow = command({
  name: 'users show',
  words: ['USER'],
  summary: 'show an account',
  options: JSON_OPTION,
  details: USER_HELP,
  run: async ({ terminal, options, words: [word = ''] }) => {
    const user = await withOperator(terminal, (ctx) => requireUser(ctx, word));
    if (options.json) sayJson(terminal, userJson(user));
    else say(terminal, userDetails(user));
    return 0;
  },
});

function eitherOf(yes: string, isYes: boolean | undefined, no: string, isNo: boolean | undefined): boolean | null {
  if (isYes && isNo) throw new UsageError(`--${yes} and --${no} cannot be combined.`);
  return isYes ? true : isNo ? false : null;
}

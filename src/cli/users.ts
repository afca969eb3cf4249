/** Look accounts up: `latchkey users list` and `show`. */
import { validate as isUuid } from 'uuid';
import { listUsers } from '#capabilities/users/users.ts';
import { command, integerOption, JSON_OPTION, UsageError } from './command.ts';
import { withOperator } from './open.ts';
import { note, say, sayJson } from './terminal.ts';
import { requireUser, userDetails, userJson, userTable } from './user-output.ts';

export const usersList = command({
  name: 'users list',
  summary: 'list accounts, newest first',
  options: {
    search: { type: 'string', value: 'TEXT', help: 'how an email address, username, phone number or name begins' },
    role: { type: 'string', value: 'ROLE', help: 'only this platform role' },
    verified: { type: 'boolean', help: 'only with a proven address' },
    unverified: { type: 'boolean', help: 'only without one' },
    disabled: { type: 'boolean', help: 'only disabled accounts' },
    enabled: { type: 'boolean', help: 'only those that are not' },
    oldest: { type: 'boolean', help: 'oldest first' },
    limit: { type: 'string', value: 'NUMBER', help: 'how many at most; 50 unless said, 1000 at most' },
    after: { type: 'string', value: 'ID', help: 'the next page: only accounts behind this one' },
    ...JSON_OPTION,
  },
  details: `
With --json: {"users": […], "next": ID or null}.
Every page is a walk along an index, so the last is as quick as the first.`,
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
    say(terminal, users.length === 0 ? 'No account fits.' : userTable(users));
    if (next !== null) note(terminal, `There are more: --after ${next}`);
    return 0;
  },
});

export const usersShow = command({
  name: 'users show',
  words: ['USER'],
  summary: 'show an account, by id, email address, username or phone number',
  options: JSON_OPTION,
  run: async ({ terminal, options, words: [word = ''] }) => {
    const user = await withOperator(terminal, (ctx) => requireUser(ctx, word));
    if (options.json) sayJson(terminal, userJson(user));
    else say(terminal, userDetails(user));
    return 0;
  },
});

function eitherOf(yes: string, isYes: boolean | undefined, no: string, isNo: boolean | undefined): boolean | null {
  if (isYes && isNo) throw new UsageError(`--${yes} and --${no} exclude each other.`);
  return isYes ? true : isNo ? false : null;
}

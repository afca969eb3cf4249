/** Change accounts: `latchkey users disable`, `enable`, `set-role` and `end-sessions`. */
import { disableUser, enableUser, endUserSessions } from '#capabilities/users/account-access.ts';
import { setUserRole } from '#capabilities/users/user-role.ts';
import { command, JSON_OPTION } from './command.ts';
import { withOperator } from './open.ts';
import { say, sayJson, type Terminal } from './terminal.ts';
import { requireUser, userJson } from './user-output.ts';

const NOW_EVERYWHERE = 'It holds at the next request, in every process of the service. The record notes it.';

export const usersDisable = command({
  name: 'users disable',
  words: ['USER'],
  summary: 'take an account out of use and end its sessions',
  options: JSON_OPTION,
  details: NOW_EVERYWHERE,
  run: async ({ terminal, options, words: [word = ''] }) => {
    const { user, endedSessions } = await withOperator(terminal, async (ctx) =>
      disableUser(ctx, { userId: (await requireUser(ctx, word)).id }),
    );
    return tell(
      terminal,
      options.json,
      { user: userJson(user), endedSessions },
      () => `${user.email} is disabled; sessions ended: ${endedSessions}.`,
    );
  },
});

export const usersEnable = command({
  name: 'users enable',
  words: ['USER'],
  summary: 'put a disabled account back into use',
  options: JSON_OPTION,
  details: NOW_EVERYWHERE,
  run: async ({ terminal, options, words: [word = ''] }) => {
    const { user } = await withOperator(terminal, async (ctx) =>
      enableUser(ctx, { userId: (await requireUser(ctx, word)).id }),
    );
    return tell(terminal, options.json, { user: userJson(user) }, () => `${user.email} is enabled.`);
  },
});

export const usersSetRole = command({
  name: 'users set-role',
  words: ['USER', 'ROLE'],
  summary: 'give an account another platform role, one of USER_ROLES',
  options: JSON_OPTION,
  details: `${NOW_EVERYWHERE}\nAccess tokens say the old role to other services until they expire.`,
  run: async ({ terminal, options, words: [word = '', role = ''] }) => {
    const { user } = await withOperator(terminal, async (ctx) =>
      setUserRole(ctx, { userId: (await requireUser(ctx, word)).id, role }),
    );
    return tell(terminal, options.json, { user: userJson(user) }, () => `${user.email} is ${user.role}.`);
  },
});

export const usersEndSessions = command({
  name: 'users end-sessions',
  words: ['USER'],
  summary: 'end every session of an account',
  options: JSON_OPTION,
  details: NOW_EVERYWHERE,
  run: async ({ terminal, options, words: [word = ''] }) => {
    const { user, endedSessions } = await withOperator(terminal, async (ctx) =>
      endUserSessions(ctx, { userId: (await requireUser(ctx, word)).id }),
    );
    return tell(
      terminal,
      options.json,
      { user: userJson(user), endedSessions },
      () => `Sessions of ${user.email} ended: ${endedSessions}.`,
    );
  },
});

function tell(terminal: Terminal, asJson: boolean | undefined, json: object, sentence: () => string): number {
  if (asJson) sayJson(terminal, json);
  else say(terminal, sentence());
  return 0;
}

/** Change accounts: `latchkey users disable`, `enable`, `set-role`, `end-sessions`, and `reset-second-factors`. */
import { disableUser, enableUser, endUserSessions } from '#capabilities/users/account-access.ts';
import { resetSecondFactors } from '#capabilities/users/reset-second-factors.ts';
import { setUserRole } from '#capabilities/users/user-role.ts';
import { command, JSON_OPTION } from '../command.ts';
import { withOperator } from '../open.ts';
import { say, sayJson, type Terminal } from '../terminal.ts';
import { requireUser, USER_HELP, userJson } from './user-output.ts';

const NOW_EVERYWHERE = `${USER_HELP}

Takes effect with the next request on every replica and is written to the audit log.`;

export const usersDisable = command({
  name: 'users disable',
  words: ['USER'],
  summary: 'disable an account and end its sessions',
  options: JSON_OPTION,
  details: NOW_EVERYWHERE,
  run: async ({ terminal, options, words: [word = ''] }) => {
    const { user, endedSessions } = await withOperator(terminal, async (ctx) =>
      disableUser(ctx, { userId: (await requireUser(ctx, word)).id }),
    );
    return report(
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
  summary: 'enable a disabled account',
  options: JSON_OPTION,
  details: NOW_EVERYWHERE,
  run: async ({ terminal, options, words: [word = ''] }) => {
    const { user } = await withOperator(terminal, async (ctx) =>
      enableUser(ctx, { userId: (await requireUser(ctx, word)).id }),
    );
    return report(terminal, options.json, { user: userJson(user) }, () => `${user.email} is enabled.`);
  },
});

export const usersSetRole = command({
  name: 'users set-role',
  words: ['USER', 'ROLE'],
  summary: 'change the platform role of an account to one of USER_ROLES',
  options: JSON_OPTION,
  details: `${NOW_EVERYWHERE}\nOther services see the old role in access tokens until those expire.`,
  run: async ({ terminal, options, words: [word = '', role = ''] }) => {
    const { user } = await withOperator(terminal, async (ctx) =>
      setUserRole(ctx, { userId: (await requireUser(ctx, word)).id, role }),
    );
    return report(terminal, options.json, { user: userJson(user) }, () => `The role of ${user.email} is ${user.role}.`);
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
    return report(
      terminal,
      options.json,
      { user: userJson(user), endedSessions },
      () => `Sessions of ${user.email} ended: ${endedSessions}.`,
    );
  },
});

export const usersResetSecondFactors = command({
  name: 'users reset-second-factors',
  words: ['USER'],
  summary: 'remove the second factors of someone who has lost them',
  options: JSON_OPTION,
  details: `${USER_HELP}

First make sure that it is the owner who asks. Sessions and trusted devices end, and the owner gets an email
with a link that undoes it for 7 days.`,
  run: async ({ terminal, options, words: [word = ''] }) => {
    const { user, endedSessions } = await withOperator(terminal, async (ctx) =>
      resetSecondFactors(ctx, { userId: (await requireUser(ctx, word)).id }),
    );
    return report(
      terminal,
      options.json,
      { user: userJson(user), endedSessions },
      () => `${user.email} has no second factor; sessions ended: ${endedSessions}.`,
    );
  },
});

function report(terminal: Terminal, asJson: boolean | undefined, json: object, sentence: () => string): number {
  if (asJson) sayJson(terminal, json);
  else say(terminal, sentence());
  return 0;
}

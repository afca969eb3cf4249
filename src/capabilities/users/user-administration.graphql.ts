import {
  AccountDisabledError,
  LastAdminError,
  OwnAccountError,
  ReauthenticationRequiredError,
  TooManyAttemptsError,
  UserNotFoundError,
  ValidationError,
} from '#errors.ts';
import type { User } from '#generated/prisma/client.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors.ts';
import { UserObject } from '#graphql/objects.ts';
import { disableUser, enableUser, endUserSessions } from './account-access.ts';
import { sendPasswordReset } from './send-password-reset.ts';
import { setUserRole } from './user-role.ts';

const USER_FIELD = { type: UserObject, description: 'The account as it is now.' } as const;

const DisableUserInputObject = builder.inputType('DisableUserInput', {
  description: 'Whom to disable.',
  fields: (t) => ({ userId: t.id({ description: 'Id of the account.' }) }),
});

const DisableUserSuccessObject = builder
  .objectRef<{ user: User; endedSessions: number }>('DisableUserSuccess')
  .implement({
    description: 'The account is disabled.',
    fields: (t) => ({
      user: t.expose('user', USER_FIELD),
      endedSessions: t.exposeInt('endedSessions', { description: 'How many sessions ended with it.' }),
    }),
  });

builder.mutationField('disableUser', (t) =>
  t.field({
    type: resultUnion('DisableUserResult', DisableUserSuccessObject, [
      UserNotFoundError,
      OwnAccountError,
      LastAdminError,
      ReauthenticationRequiredError,
    ]),
    access: 'admin',
    description:
      'Takes an account out of use: every session and every mailed code and link ends at once, and a login with the right password answers AccountDisabledError. Can be repeated.',
    args: { input: t.arg({ type: DisableUserInputObject, description: 'Whom to disable.' }) },
    resolve: (_root, { input }, ctx) => disableUser(ctx, input),
  }),
);

const EnableUserInputObject = builder.inputType('EnableUserInput', {
  description: 'Whom to enable.',
  fields: (t) => ({ userId: t.id({ description: 'Id of the account.' }) }),
});

const EnableUserSuccessObject = builder.objectRef<{ user: User }>('EnableUserSuccess').implement({
  description: 'The account can be used.',
  fields: (t) => ({ user: t.expose('user', USER_FIELD) }),
});

builder.mutationField('enableUser', (t) =>
  t.field({
    type: resultUnion('EnableUserResult', EnableUserSuccessObject, [UserNotFoundError, ReauthenticationRequiredError]),
    access: 'admin',
    description: 'Puts a disabled account back into use; its person can log in again. Can be repeated.',
    args: { input: t.arg({ type: EnableUserInputObject, description: 'Whom to enable.' }) },
    resolve: (_root, { input }, ctx) => enableUser(ctx, input),
  }),
);

const SetUserRoleInputObject = builder.inputType('SetUserRoleInput', {
  description: 'Who gets which role.',
  fields: (t) => ({
    userId: t.id({ description: 'Id of the account.' }),
    role: t.string({ description: 'Platform role, one of the roles this service is configured with.' }),
  }),
});

const SetUserRoleSuccessObject = builder.objectRef<{ user: User }>('SetUserRoleSuccess').implement({
  description: 'The account has the role.',
  fields: (t) => ({ user: t.expose('user', USER_FIELD) }),
});

builder.mutationField('setUserRole', (t) =>
  t.field({
    type: resultUnion('SetUserRoleResult', SetUserRoleSuccessObject, [
      UserNotFoundError,
      OwnAccountError,
      LastAdminError,
      ReauthenticationRequiredError,
      ValidationError,
    ]),
    access: 'admin',
    description:
      'Gives an account another platform role. It holds here from the next request on; access tokens tell other services the old one until they expire. Can be repeated.',
    args: { input: t.arg({ type: SetUserRoleInputObject, description: 'Who gets which role.' }) },
    resolve: (_root, { input }, ctx) => setUserRole(ctx, input),
  }),
);

const EndUserSessionsInputObject = builder.inputType('EndUserSessionsInput', {
  description: 'Whom to sign out.',
  fields: (t) => ({ userId: t.id({ description: 'Id of the account.' }) }),
});

const EndUserSessionsSuccessObject = builder
  .objectRef<{ user: User; endedSessions: number }>('EndUserSessionsSuccess')
  .implement({
    description: 'Signed out on every device.',
    fields: (t) => ({
      user: t.expose('user', USER_FIELD),
      endedSessions: t.exposeInt('endedSessions', { description: 'How many sessions ended.' }),
    }),
  });

builder.mutationField('endUserSessions', (t) =>
  t.field({
    type: resultUnion('EndUserSessionsResult', EndUserSessionsSuccessObject, [
      UserNotFoundError,
      ReauthenticationRequiredError,
    ]),
    access: 'admin',
    description: 'Ends every session of an account at once; its person can log in again.',
    args: { input: t.arg({ type: EndUserSessionsInputObject, description: 'Whom to sign out.' }) },
    resolve: (_root, { input }, ctx) => endUserSessions(ctx, input),
  }),
);

const SendPasswordResetInputObject = builder.inputType('SendPasswordResetInput', {
  description: 'Who shall set a new password.',
  fields: (t) => ({ userId: t.id({ description: 'Id of the account.' }) }),
});

const SendPasswordResetSuccessObject = builder.objectRef<{ user: User }>('SendPasswordResetSuccess').implement({
  description: 'The email is on its way to the address of the account.',
  fields: (t) => ({ user: t.expose('user', USER_FIELD) }),
});

builder.mutationField('sendPasswordReset', (t) =>
  t.field({
    type: resultUnion('SendPasswordResetResult', SendPasswordResetSuccessObject, [
      UserNotFoundError,
      AccountDisabledError,
      TooManyAttemptsError,
      ReauthenticationRequiredError,
    ]),
    access: 'admin',
    description:
      'Emails the owner of an account a code and a link to set a new password, as `requestPasswordReset` does and out of the same budget. Password and sessions stay as they are until it is used.',
    args: { input: t.arg({ type: SendPasswordResetInputObject, description: 'Who shall set a new password.' }) },
    resolve: (_root, { input }, ctx) => sendPasswordReset(ctx, input),
  }),
);

import {
  AccountDisabledError,
  LastAdminError,
  OwnAccountError,
  ReauthenticationRequiredError,
  TooManyAttemptsError,
  UserNotFoundError,
  ValidationError,
} from '#errors/domain-errors.ts';
import type { User } from '#generated/prisma/client.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors/errors.ts';
import { UserObject } from '#graphql/objects/account-objects.ts';
import { disableUser, enableUser, endUserSessions } from './account-access.ts';
import { sendPasswordReset } from './send-password-reset.ts';
import { setUserRole } from './user-role.ts';

const USER_FIELD = { type: UserObject, description: 'The account after the change.' } as const;

const DisableUserInputObject = builder.inputType('DisableUserInput', {
  description: 'The account to block. Your own is OwnAccountError.',
  fields: (t) => ({ userId: t.id({ description: 'UUID from `users`. An unknown one is UserNotFoundError.' }) }),
});

const DisableUserSuccessObject = builder
  .objectRef<{ user: User; endedSessions: number }>('DisableUserSuccess')
  .implement({
    description: 'The account is blocked. Its data stays, and `enableUser` brings it back.',
    fields: (t) => ({
      user: t.expose('user', USER_FIELD),
      endedSessions: t.exposeInt('endedSessions', { description: 'Number of devices that were signed out.' }),
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
    recentSignIn: 'strong',
    description:
      'Blocks an account: ends its sessions and all emailed codes and links at once. Signing in with the right ' +
      'password then answers AccountDisabledError. Can be repeated.',
    args: {
      input: t.arg({
        type: DisableUserInputObject,
        description: 'For example `{userId: "019a5f6e-0000-7000-8000-000000000000"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => disableUser(ctx, input),
  }),
);

const EnableUserInputObject = builder.inputType('EnableUserInput', {
  description: 'The account to unblock.',
  fields: (t) => ({ userId: t.id({ description: 'UUID from `users`. An unknown one is UserNotFoundError.' }) }),
});

const EnableUserSuccessObject = builder.objectRef<{ user: User }>('EnableUserSuccess').implement({
  description: 'The person can sign in again, with the same password and memberships as before.',
  fields: (t) => ({ user: t.expose('user', USER_FIELD) }),
});

builder.mutationField('enableUser', (t) =>
  t.field({
    type: resultUnion('EnableUserResult', EnableUserSuccessObject, [UserNotFoundError, ReauthenticationRequiredError]),
    access: 'admin',
    recentSignIn: 'strong',
    description: 'Lifts `disableUser`. Sessions that were ended stay ended. Can be repeated.',
    args: {
      input: t.arg({
        type: EnableUserInputObject,
        description: 'For example `{userId: "019a5f6e-0000-7000-8000-000000000000"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => enableUser(ctx, input),
  }),
);

const SetUserRoleInputObject = builder.inputType('SetUserRoleInput', {
  description: 'The account and its new platform role. Your own account is OwnAccountError.',
  fields: (t) => ({
    userId: t.id({ description: 'UUID from `users`. An unknown one is UserNotFoundError.' }),
    role: t.string({ description: 'One of USER_ROLES in the settings of the service, for example `admin`.' }),
  }),
});

const SetUserRoleSuccessObject = builder.objectRef<{ user: User }>('SetUserRoleSuccess').implement({
  description: 'The role is in force from the next request on.',
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
    recentSignIn: 'strong',
    description:
      'Changes the platform role of an account; roles in organizations are not affected. Access tokens that ' +
      'were issued before tell other services the former role until they expire. Can be repeated.',
    args: {
      input: t.arg({
        type: SetUserRoleInputObject,
        description: 'For example `{userId: "019a5f6e-0000-7000-8000-000000000000", role: "admin"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => setUserRole(ctx, input),
  }),
);

const EndUserSessionsInputObject = builder.inputType('EndUserSessionsInput', {
  description: 'The account to sign out.',
  fields: (t) => ({ userId: t.id({ description: 'UUID from `users`. An unknown one is UserNotFoundError.' }) }),
});

const EndUserSessionsSuccessObject = builder
  .objectRef<{ user: User; endedSessions: number }>('EndUserSessionsSuccess')
  .implement({
    description: 'The person is signed out on every device.',
    fields: (t) => ({
      user: t.expose('user', USER_FIELD),
      endedSessions: t.exposeInt('endedSessions', {
        description: 'Number of devices that were signed out; 0 if there were none.',
      }),
    }),
  });

builder.mutationField('endUserSessions', (t) =>
  t.field({
    type: resultUnion('EndUserSessionsResult', EndUserSessionsSuccessObject, [
      UserNotFoundError,
      ReauthenticationRequiredError,
    ]),
    access: 'admin',
    recentSignIn: 'strong',
    description:
      'Signs a person out everywhere, forgets their devices and removes their legacy passwords, for example after a ' +
      'device was stolen. They can sign in again: to prevent that, use `disableUser`.',
    args: {
      input: t.arg({
        type: EndUserSessionsInputObject,
        description: 'For example `{userId: "019a5f6e-0000-7000-8000-000000000000"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => endUserSessions(ctx, input),
  }),
);

const SendPasswordResetInputObject = builder.inputType('SendPasswordResetInput', {
  description: 'The account whose owner gets the email.',
  fields: (t) => ({ userId: t.id({ description: 'UUID from `users`. An unknown one is UserNotFoundError.' }) }),
});

const SendPasswordResetSuccessObject = builder.objectRef<{ user: User }>('SendPasswordResetSuccess').implement({
  description: 'The email is on its way. The administrator never sees the code or the link.',
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
    recentSignIn: 'strong',
    description:
      'Sends the owner of an account a code and a link to set a new password, like `requestPasswordReset` and ' +
      'within the same limits. Password and sessions stay as they are until it is used. FORBIDDEN where SIGN_IN_METHODS does not have `password`.',
    args: {
      input: t.arg({
        type: SendPasswordResetInputObject,
        description: 'For example `{userId: "019a5f6e-0000-7000-8000-000000000000"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => sendPasswordReset(ctx, input),
  }),
);

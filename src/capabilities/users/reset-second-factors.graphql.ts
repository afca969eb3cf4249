import { OwnAccountError, ReauthenticationRequiredError, UserNotFoundError } from '#errors/domain-errors.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors/errors.ts';
import { UserObject } from '#graphql/objects/account-objects.ts';
import { type ResetSecondFactorsSuccess, resetSecondFactors } from './reset-second-factors.ts';

const ResetSecondFactorsInputObject = builder.inputType('ResetSecondFactorsInput', {
  description: 'The account of someone who has lost every second factor. Your own is OwnAccountError.',
  fields: (t) => ({ userId: t.id({ description: 'UUID from `users`. An unknown one is UserNotFoundError.' }) }),
});

const ResetSecondFactorsSuccessObject = builder
  .objectRef<ResetSecondFactorsSuccess>('ResetSecondFactorsSuccess')
  .implement({
    description: 'Signing in takes one factor again. The owner gets an email with a link that undoes this for 7 days.',
    fields: (t) => ({
      user: t.expose('user', { type: UserObject, description: 'The account after the change.' }),
      endedSessions: t.exposeInt('endedSessions', { description: 'Number of devices that were signed out.' }),
    }),
  });

builder.mutationField('resetSecondFactors', (t) =>
  t.field({
    type: resultUnion('ResetSecondFactorsResult', ResetSecondFactorsSuccessObject, [
      ReauthenticationRequiredError,
      UserNotFoundError,
      OwnAccountError,
    ]),
    access: 'admin',
    recentSignIn: 'strong',
    description:
      'Removes the authenticator apps, recovery codes and trusted devices of an account and ends its sessions. Make ' +
      'sure first that it is the owner who asks. Can be repeated.',
    args: {
      input: t.arg({
        type: ResetSecondFactorsInputObject,
        description: 'For example `{userId: "019a5f6e-0000-7000-8000-000000000000"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => resetSecondFactors(ctx, input),
  }),
);

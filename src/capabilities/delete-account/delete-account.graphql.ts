import {
  InvalidCodeError,
  InvalidCredentialsError,
  LastAdminError,
  OwnershipTransferRequiredError,
  ReauthenticationRequiredError,
  ServiceBusyError,
  TooManyAttemptsError,
} from '#errors/domain-errors.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors/errors.ts';
import { UserObject } from '#graphql/objects/account-objects.ts';
import {
  type DeleteAccountSuccess,
  deleteAccount,
  type UndoAccountDeletionSuccess,
  undoAccountDeletion,
} from './delete-account.ts';

const DeleteAccountInputObject = builder.inputType('DeleteAccountInput', {
  description: 'Confirms that the owner of the account is asking.',
  fields: (t) => ({
    password: t.string({
      required: false,
      description:
        'The current one. Wrong ones count toward the same limit as in `login`. Without it, a recent sign-in is ' +
        'required. FORBIDDEN where SIGN_IN_METHODS does not have `password`.',
    }),
  }),
});

const DeleteAccountSuccessObject = builder.objectRef<DeleteAccountSuccess>('DeleteAccountSuccess').implement({
  description: 'The account is blocked and every session has ended. An email with a link to undo it is on its way.',
  fields: (t) => ({
    deletesAt: t.expose('deletesAt', {
      type: 'DateTime',
      description: 'When all personal data is removed for good, unless the owner uses the link before.',
    }),
  }),
});

builder.mutationField('deleteAccount', (t) =>
  t.field({
    access: 'viewer',
    recentSignIn: 'factor',
    type: resultUnion('DeleteAccountResult', DeleteAccountSuccessObject, [
      InvalidCredentialsError,
      ReauthenticationRequiredError,
      OwnershipTransferRequiredError,
      LastAdminError,
      TooManyAttemptsError,
      ServiceBusyError,
    ]),
    description:
      "Deletes the viewer's account after a grace period (ACCOUNT_DELETION_GRACE, by default 7 days). " +
      'Organizations with other members need another owner first: OwnershipTransferRequiredError. Organizations ' +
      'without other members are deleted, too.',
    takesCredential: true,
    args: {
      input: t.arg({ type: DeleteAccountInputObject, description: 'For example `{password: "seven green teapots"}`.' }),
    },
    resolve: (_root, { input }, ctx) => deleteAccount(ctx, input),
  }),
);

const UndoAccountDeletionInputObject = builder.inputType('UndoAccountDeletionInput', {
  description: 'Shows that the person can read email sent to the account.',
  fields: (t) => ({
    token: t.string({ description: 'From the link in the email. Valid until the account is deleted.' }),
  }),
});

const UndoAccountDeletionSuccessObject = builder
  .objectRef<UndoAccountDeletionSuccess>('UndoAccountDeletionSuccess')
  .implement({
    description: 'The account stays as it was. Its sessions have ended: call `login` next.',
    fields: (t) => ({
      user: t.expose('user', {
        type: UserObject,
        description: 'The owner, with the same profile and memberships as before.',
      }),
    }),
  });

builder.mutationField('undoAccountDeletion', (t) =>
  t.field({
    access: 'anyone',
    type: resultUnion('UndoAccountDeletionResult', UndoAccountDeletionSuccessObject, [InvalidCodeError]),
    description:
      'Cancels the deletion of an account during the grace period. The link is enough: nobody can be signed in ' +
      'then.',
    takesCredential: true,
    args: { input: t.arg({ type: UndoAccountDeletionInputObject, description: 'For example `{token: "…"}`.' }) },
    resolve: (_root, { input }, ctx) => undoAccountDeletion(ctx, input),
  }),
);

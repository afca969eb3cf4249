import {
  InvalidCodeError,
  InvalidCredentialsError,
  LastAdminError,
  OwnershipTransferRequiredError,
  ServiceBusyError,
  TooManyAttemptsError,
} from '#errors.ts';
import { builder } from '#graphql/builder.ts';
import { credentialMutation } from '#graphql/credential-mutation.ts';
import { resultUnion } from '#graphql/errors.ts';
import { UserObject } from '#graphql/objects.ts';
import {
  type DeleteAccountSuccess,
  deleteAccount,
  type UndoAccountDeletionSuccess,
  undoAccountDeletion,
} from './delete-account.ts';

const DeleteAccountInputObject = builder.inputType('DeleteAccountInput', {
  description: 'The proof that it is the owner who asks.',
  fields: (t) => ({ password: t.string({ description: 'The password of the account.' }) }),
});

const DeleteAccountSuccessObject = builder.objectRef<DeleteAccountSuccess>('DeleteAccountSuccess').implement({
  description: 'The account cannot be used any more, every session has ended, and a link that undoes it was mailed.',
  fields: (t) => ({
    deletesAt: t.expose('deletesAt', {
      type: 'DateTime',
      description: 'When everything personal is removed, unless the owner undoes it before.',
    }),
  }),
});

builder.mutationField('deleteAccount', (t) =>
  t.field({
    access: 'viewer',
    type: resultUnion('DeleteAccountResult', DeleteAccountSuccessObject, [
      InvalidCredentialsError,
      OwnershipTransferRequiredError,
      LastAdminError,
      TooManyAttemptsError,
      ServiceBusyError,
    ]),
    description:
      'Deletes the account of the viewer after a time of grace (7 days unless set otherwise). Organizations with other ' +
      'members have to be handed over first; those without go with the account. Wrong passwords count like those of `login`.',
    extensions: credentialMutation,
    args: { input: t.arg({ type: DeleteAccountInputObject, description: 'The proof.' }) },
    resolve: (_root, { input }, ctx) => deleteAccount(ctx, input),
  }),
);

const UndoAccountDeletionInputObject = builder.inputType('UndoAccountDeletionInput', {
  description: 'The proof that one reads the address of the account.',
  fields: (t) => ({
    token: t.string({ description: 'The token of the mailed link; good until the account is deleted.' }),
  }),
});

const UndoAccountDeletionSuccessObject = builder
  .objectRef<UndoAccountDeletionSuccess>('UndoAccountDeletionSuccess')
  .implement({
    description: 'The account stays. Its sessions have ended; next: `login`.',
    fields: (t) => ({ user: t.expose('user', { type: UserObject, description: 'The account that stays.' }) }),
  });

builder.mutationField('undoAccountDeletion', (t) =>
  t.field({
    access: 'anybody',
    type: resultUnion('UndoAccountDeletionResult', UndoAccountDeletionSuccessObject, [InvalidCodeError]),
    description: 'Takes the deletion of an account back, for whoever holds the mailed link.',
    extensions: credentialMutation,
    args: { input: t.arg({ type: UndoAccountDeletionInputObject, description: 'The proof.' }) },
    resolve: (_root, { input }, ctx) => undoAccountDeletion(ctx, input),
  }),
);

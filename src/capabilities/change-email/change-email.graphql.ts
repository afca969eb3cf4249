import {
  EmailTakenError,
  InvalidCodeError,
  ReauthenticationRequiredError,
  TooManyAttemptsError,
  ValidationError,
} from '#errors.ts';
import { builder } from '#graphql/builder.ts';
import { credentialMutation } from '#graphql/credential-mutation.ts';
import { resultUnion } from '#graphql/errors.ts';
import { UserObject } from '#graphql/objects.ts';
import {
  confirmEmailChange,
  type EmailChangeSuccess,
  type RequestEmailChangeSuccess,
  requestEmailChange,
  undoEmailChange,
} from './change-email.ts';

const RequestEmailChangeInputObject = builder.inputType('RequestEmailChangeInput', {
  description: 'Where the account is to move.',
  fields: (t) => ({
    newEmail: t.string({ description: 'Plain ASCII email address; a code and a link are mailed to it.' }),
  }),
});

const RequestEmailChangeSuccessObject = builder
  .objectRef<RequestEmailChangeSuccess>('RequestEmailChangeSuccess')
  .implement({
    description:
      'Emails are on their way, to the new address and to the old one, which rules until the new one is confirmed. The ' +
      'answer is the same for an address that has an account; its owner is told by email.',
    fields: (t) => ({
      newEmail: t.exposeString('newEmail', { description: 'The new address in canonical form.' }),
      resendAvailableAt: t.expose('resendAvailableAt', {
        type: 'DateTime',
        description: 'When another email to this address may be asked for.',
      }),
    }),
  });

builder.mutationField('requestEmailChange', (t) =>
  t.field({
    access: 'viewer',
    type: resultUnion('RequestEmailChangeResult', RequestEmailChangeSuccessObject, [
      ReauthenticationRequiredError,
      TooManyAttemptsError,
      ValidationError,
    ]),
    description:
      'Asks to move the account of the viewer to another address. Needs a recent proof (`reauthenticate`). ' +
      'Next: `confirmEmailChange`. 5 an hour.',
    args: { input: t.arg({ type: RequestEmailChangeInputObject, description: 'Where to.' }) },
    resolve: (_root, { input }, ctx) => requestEmailChange(ctx, input),
  }),
);

const ConfirmEmailChangeInputObject = builder.inputType('ConfirmEmailChangeInput', {
  description: 'The proof: either `token`, or `code` together with an access token.',
  fields: (t) => ({
    token: t.string({ required: false, description: 'The token of the mailed link; good for an hour.' }),
    code: t.string({
      required: false,
      description: 'The six digits of the newest email; good for 10 minutes and 5 tries.',
    }),
  }),
});

const ConfirmEmailChangeSuccessObject = builder.objectRef<EmailChangeSuccess>('ConfirmEmailChangeSuccess').implement({
  description: 'The account has the new address; the old one got a link that undoes it.',
  fields: (t) => ({ user: t.expose('user', { type: UserObject, description: 'The account, as it is now.' }) }),
});

builder.mutationField('confirmEmailChange', (t) =>
  t.field({
    access: 'anybody',
    type: resultUnion('ConfirmEmailChangeResult', ConfirmEmailChangeSuccessObject, [
      InvalidCodeError,
      EmailTakenError,
      TooManyAttemptsError,
      ValidationError,
    ]),
    description:
      'Moves the account to the new address, for whoever holds the mailed link, or for the viewer with the mailed code. ' +
      'EmailTakenError when another account has proven the address meanwhile.',
    extensions: credentialMutation,
    args: { input: t.arg({ type: ConfirmEmailChangeInputObject, description: 'The proof.' }) },
    resolve: (_root, { input }, ctx) => confirmEmailChange(ctx, input),
  }),
);

const UndoEmailChangeInputObject = builder.inputType('UndoEmailChangeInput', {
  description: 'The proof that one reads the old address.',
  fields: (t) => ({
    token: t.string({ description: 'The token of the link mailed to the old address; good for 7 days.' }),
  }),
});

const UndoEmailChangeSuccessObject = builder.objectRef<EmailChangeSuccess>('UndoEmailChangeSuccess').implement({
  description:
    'The account has its old address again. Every session has ended, the password is void, a deletion is taken back, ' +
    'and a link to choose a new password is mailed to the old address.',
  fields: (t) => ({ user: t.expose('user', { type: UserObject, description: 'The account, as it is now.' }) }),
});

builder.mutationField('undoEmailChange', (t) =>
  t.field({
    access: 'anybody',
    type: resultUnion('UndoEmailChangeResult', UndoEmailChangeSuccessObject, [InvalidCodeError, EmailTakenError]),
    description:
      'Gives the account back to the old address and secures it, before or after the change was confirmed. For whoever ' +
      'holds the link mailed there. EmailTakenError when the address has proven another account meanwhile.',
    extensions: credentialMutation,
    args: { input: t.arg({ type: UndoEmailChangeInputObject, description: 'The proof.' }) },
    resolve: (_root, { input }, ctx) => undoEmailChange(ctx, input),
  }),
);

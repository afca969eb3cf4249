import {
  EmailTakenError,
  InvalidCodeError,
  ReauthenticationRequiredError,
  TooManyAttemptsError,
  ValidationError,
} from '#errors/domain-errors.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors/errors.ts';
import { UserObject } from '#graphql/objects/account-objects.ts';
import {
  confirmEmailChange,
  type EmailChangeSuccess,
  type RequestEmailChangeSuccess,
  requestEmailChange,
  undoEmailChange,
} from './change-email.ts';

const RequestEmailChangeInputObject = builder.inputType('RequestEmailChangeInput', {
  description: 'The new email address of the viewer.',
  fields: (t) => ({
    newEmail: t.string({ description: 'A code and a link are sent here.' }),
  }),
});

const RequestEmailChangeSuccessObject = builder
  .objectRef<RequestEmailChangeSuccess>('RequestEmailChangeSuccess')
  .implement({
    description:
      'Emails are on their way to the new and the current address. The current one stays in force until the ' +
      'change is confirmed. The answer is the same if the new address belongs to another account; its owner is ' +
      'notified by email.',
    fields: (t) => ({
      newEmail: t.exposeString('newEmail', { description: 'The address in its canonical form, in lower case.' }),
      resendAvailableAt: t.expose('resendAvailableAt', {
        type: 'DateTime',
        description: 'When the next email to this address can be requested.',
      }),
    }),
  });

builder.mutationField('requestEmailChange', (t) =>
  t.field({
    access: 'viewer',
    recentSignIn: 'strong',
    type: resultUnion('RequestEmailChangeResult', RequestEmailChangeSuccessObject, [
      ReauthenticationRequiredError,
      TooManyAttemptsError,
      ValidationError,
    ]),
    description:
      "Starts moving the viewer's account to another email address. Limited to 5 requests an hour. Next: " +
      '`confirmEmailChange`.',
    args: {
      input: t.arg({
        type: RequestEmailChangeInputObject,
        description: 'For example `{newEmail: "grace@example.org"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => requestEmailChange(ctx, input),
  }),
);

const ConfirmEmailChangeInputObject = builder.inputType('ConfirmEmailChangeInput', {
  description: 'Give either `token`, from the emailed link, or, while signed in, `code`.',
  fields: (t) => ({
    token: t.string({ required: false, description: 'From the link in the newest email. Valid for an hour.' }),
    code: t.string({
      required: false,
      description:
        'The six digits from the newest email. Valid for 10 minutes and 5 attempts; spaces and dashes are ' +
        'ignored.',
    }),
  }),
});

const ConfirmEmailChangeSuccessObject = builder.objectRef<EmailChangeSuccess>('ConfirmEmailChangeSuccess').implement({
  description:
    'The account has the new address. The former address gets a link that undoes the change for 7 days, whatever ' +
    'happens at the new one; say so on your page.',
  fields: (t) => ({
    user: t.expose('user', { type: UserObject, description: 'The account with its new email address.' }),
  }),
});

builder.mutationField('confirmEmailChange', (t) =>
  t.field({
    access: 'anyone',
    type: resultUnion('ConfirmEmailChangeResult', ConfirmEmailChangeSuccessObject, [
      InvalidCodeError,
      EmailTakenError,
      TooManyAttemptsError,
      ValidationError,
    ]),
    description:
      'Moves an account to its new email address. EmailTakenError if another account has verified the address ' +
      'in the meantime.',
    takesCredential: true,
    args: { input: t.arg({ type: ConfirmEmailChangeInputObject, description: 'For example `{code: "123456"}`.' }) },
    resolve: (_root, { input }, ctx) => confirmEmailChange(ctx, input),
  }),
);

const UndoEmailChangeInputObject = builder.inputType('UndoEmailChangeInput', {
  description: 'Shows that the person can read email sent to the former address.',
  fields: (t) => ({
    token: t.string({ description: 'From the link that was sent to the former address. Valid for 7 days.' }),
  }),
});

const UndoEmailChangeSuccessObject = builder.objectRef<EmailChangeSuccess>('UndoEmailChangeSuccess').implement({
  description:
    'The account is back at its former address, with the username and phone number it had then, and secured: all ' +
    'sessions have ended, the password no longer works, and a deletion is canceled. Where SIGN_IN_METHODS has ' +
    '`password`, a link to set a new one is on its way.',
  fields: (t) => ({
    user: t.expose('user', { type: UserObject, description: 'The account with its former email address.' }),
  }),
});

builder.mutationField('undoEmailChange', (t) =>
  t.field({
    access: 'anyone',
    type: resultUnion('UndoEmailChangeResult', UndoEmailChangeSuccessObject, [InvalidCodeError, EmailTakenError]),
    description:
      'Takes an account back to its former email address, before or after the change was confirmed: the way out ' +
      'for someone whose account was taken over. EmailTakenError if another account has verified that address ' +
      'in the meantime.',
    takesCredential: true,
    args: { input: t.arg({ type: UndoEmailChangeInputObject, description: 'For example `{token: "…"}`.' }) },
    resolve: (_root, { input }, ctx) => undoEmailChange(ctx, input),
  }),
);

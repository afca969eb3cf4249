import { InvalidCodeError } from '#errors/domain-errors.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors/errors.ts';
import { UserObject } from '#graphql/objects/account-objects.ts';
import { type UndoSecurityChangeSuccess, undoSecurityChange } from './undo-security-change.ts';

const UndoSecurityChangeInputObject = builder.inputType('UndoSecurityChangeInput', {
  description: 'Shows that the person can read email sent to the owner of the account.',
  fields: (t) => ({
    token: t.string({ description: 'From the link in the email about the change. Valid for 7 days, once.' }),
  }),
});

const UndoSecurityChangeSuccessObject = builder
  .objectRef<UndoSecurityChangeSuccess>('UndoSecurityChangeSuccess')
  .implement({
    description:
      'Second factors are as they were before the change, recovery codes and trusted devices are void, all sessions ' +
      'have ended, and the password no longer works. Where SIGN_IN_METHODS has `password`, a link to set a new one is ' +
      'on its way.',
    fields: (t) => ({
      user: t.expose('user', { type: UserObject, description: 'The account, with the address that the link went to.' }),
    }),
  });

builder.mutationField('undoSecurityChange', (t) =>
  t.field({
    access: 'anyone',
    takesCredential: true,
    type: resultUnion('UndoSecurityChangeResult', UndoSecurityChangeSuccessObject, [InvalidCodeError]),
    description:
      'Undoes a change of second factors, recovery codes or trusted devices, and all later ones: the way out for ' +
      'someone whose account was taken over.',
    args: { input: t.arg({ type: UndoSecurityChangeInputObject, description: 'For example `{token: "…"}`.' }) },
    resolve: (_root, { input }, ctx) => undoSecurityChange(ctx, input),
  }),
);

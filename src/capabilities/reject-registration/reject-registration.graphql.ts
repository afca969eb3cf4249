import { InvalidCodeError, TooManyAttemptsError, ValidationError } from '#errors/domain-errors.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors/errors.ts';
import { type RejectRegistrationSuccess, rejectRegistration } from './reject-registration.ts';

const RejectRegistrationInputObject = builder.inputType('RejectRegistrationInput', {
  description: 'Give either `token`, from the emailed link, or `email` together with `code`, as for `verifyEmail`.',
  fields: (t) => ({
    email: t.string({ required: false, description: 'Where the code was sent. Required with `code`.' }),
    code: t.string({
      required: false,
      description:
        'The six digits from the newest email. Valid for 10 minutes and 5 attempts, shared with `verifyEmail`. One that ' +
        'was requested with `bindCode` does not count here: use the link.',
    }),
    token: t.string({ required: false, description: 'From the link in the newest email. Valid for 24 hours.' }),
  }),
});

const RejectRegistrationSuccessObject = builder
  .objectRef<RejectRegistrationSuccess>('RejectRegistrationSuccess')
  .implement({
    description: 'The account, its password and its sessions are gone. The address can be registered again.',
    fields: (t) => ({
      email: t.exposeString('email', {
        description: 'The address that someone had registered, in its canonical form.',
      }),
    }),
  });

builder.mutationField('rejectRegistration', (t) =>
  t.field({
    access: 'anyone',
    type: resultUnion('RejectRegistrationResult', RejectRegistrationSuccessObject, [
      InvalidCodeError,
      TooManyAttemptsError,
      ValidationError,
    ]),
    description:
      'The answer "This wasn\'t me" to the email of `register`: removes the unverified account that someone registered ' +
      'with the address. Offer it beside `verifyEmail`. Accounts created by an administrator or imported stay.',
    takesCredential: true,
    args: {
      input: t.arg({
        type: RejectRegistrationInputObject,
        description: 'For example `{email: "grace@example.com", code: "123456"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => rejectRegistration(ctx, input),
  }),
);

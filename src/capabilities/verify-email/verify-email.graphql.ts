import { InvalidCodeError, TooManyAttemptsError, ValidationError } from '#errors.ts';
import { builder } from '#graphql/builder.ts';
import { credentialMutation } from '#graphql/credential-mutation.ts';
import { resultUnion } from '#graphql/errors.ts';
import { UserObject } from '#graphql/objects.ts';
import {
  type ResendVerificationSuccess,
  resendVerification,
  type VerifyEmailSuccess,
  verifyEmail,
} from './verify-email.ts';

const VerifyEmailInputObject = builder.inputType('VerifyEmailInput', {
  description: 'The proof: either `token`, or `email` and `code`.',
  fields: (t) => ({
    email: t.string({ required: false, description: 'The address the code was mailed to.' }),
    code: t.string({
      required: false,
      description: 'The six digits of the newest email; good for 10 minutes and 5 tries.',
    }),
    token: t.string({ required: false, description: 'The token of the mailed link; good for 24 hours.' }),
  }),
});

const VerifyEmailSuccessObject = builder.objectRef<VerifyEmailSuccess>('VerifyEmailSuccess').implement({
  description: 'The address is proven.',
  fields: (t) => ({ user: t.expose('user', { type: UserObject, description: 'The account the address belongs to.' }) }),
});

builder.mutationField('verifyEmail', (t) =>
  t.field({
    access: 'anybody',
    type: resultUnion('VerifyEmailResult', VerifyEmailSuccessObject, [
      InvalidCodeError,
      TooManyAttemptsError,
      ValidationError,
    ]),
    description: 'Proves an address with the code or the link token mailed to it. Does not sign in; next: `login`.',
    extensions: credentialMutation,
    args: { input: t.arg({ type: VerifyEmailInputObject, description: 'The proof.' }) },
    resolve: (_root, { input }, ctx) => verifyEmail(ctx, input),
  }),
);

const ResendVerificationInputObject = builder.inputType('ResendVerificationInput', {
  description: 'Where to send a new email.',
  fields: (t) => ({ email: t.string({ description: 'The address that waits to be verified.' }) }),
});

const ResendVerificationSuccessObject = builder
  .objectRef<ResendVerificationSuccess>('ResendVerificationSuccess')
  .implement({
    description:
      'If the address waits to be verified, an email is on its way; the answer is the same for every address.',
    fields: (t) => ({
      email: t.exposeString('email', { description: 'The address in canonical form.' }),
      resendAvailableAt: t.expose('resendAvailableAt', {
        type: 'DateTime',
        description: 'When another email may be asked for.',
      }),
    }),
  });

builder.mutationField('resendVerification', (t) =>
  t.field({
    access: 'anybody',
    type: resultUnion('ResendVerificationResult', ResendVerificationSuccessObject, [
      TooManyAttemptsError,
      ValidationError,
    ]),
    description: 'Emails a new code and link; older ones end. One email a minute, 5 an hour, 10 a day for an address.',
    args: { input: t.arg({ type: ResendVerificationInputObject, description: 'Where to send it.' }) },
    resolve: (_root, { input }, ctx) => resendVerification(ctx, input),
  }),
);

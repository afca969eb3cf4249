import {
  AccountDeletionPendingError,
  AccountDisabledError,
  InvalidCodeError,
  TooManyAttemptsError,
  ValidationError,
} from '#errors/domain-errors.ts';
import { LoginExpiredError, PasskeyRejectedError } from '#errors/second-factor-errors.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors/errors.ts';
import { LoginSuccessObject } from '#graphql/objects/sign-in-objects.ts';
import { confirmLoginAsBegun } from './confirm-login.ts';

const ConfirmLoginInputObject = builder.inputType('ConfirmLoginInput', {
  description: 'The sign-in to continue, and exactly one of `code` and `recoveryCode`.',
  fields: (t) => ({
    challengeToken: t.string({ description: 'From SecondFactorRequiredError. Valid for 10 minutes and 5 attempts.' }),
    code: t.string({
      required: false,
      description: 'Six digits from the authenticator app; spaces and dashes are ignored. Each counts once.',
    }),
    recoveryCode: t.string({
      required: false,
      description: 'One of the ten codes that were shown at setup. It is used up.',
    }),
    deviceToken: t.string({
      required: false,
      description: 'As in `login`, so that the device stays the same known one. Browsers have it in a cookie.',
    }),
    trustDevice: t.boolean({
      defaultValue: false,
      description:
        'Whether signing in on this device takes the first factor alone for 30 days. Ignored for administrators. ' +
        'The owner is notified, with a link that undoes it.',
    }),
  }),
});

builder.mutationField('confirmLogin', (t) =>
  t.field({
    access: 'anyone',
    takesCredential: true,
    type: resultUnion('ConfirmLoginResult', LoginSuccessObject, [
      InvalidCodeError,
      LoginExpiredError,
      PasskeyRejectedError,
      AccountDisabledError,
      AccountDeletionPendingError,
      TooManyAttemptsError,
      ValidationError,
    ]),
    description:
      'Completes a sign-in with the second factor, in the transport that it began with. After 5 wrong codes the ' +
      'sign-in has to start again: LoginExpiredError. After 10 within an hour for one account, wait: ' +
      'TooManyAttemptsError. After 20 in a row the password has to be reset.',
    args: {
      input: t.arg({
        type: ConfirmLoginInputObject,
        description: 'For example `{challengeToken: "…", code: "123456"}`.',
      }),
    },
    resolve: (_root, { input: { trustDevice: trustsDevice, ...input } }, ctx) =>
      confirmLoginAsBegun(ctx, { ...input, trustsDevice }),
  }),
);

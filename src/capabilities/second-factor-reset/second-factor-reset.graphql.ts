import { InvalidCodeError, TooManyAttemptsError } from '#errors/domain-errors.ts';
import { LoginExpiredError } from '#errors/second-factor-errors.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors/errors.ts';
import {
  type ConfirmSecondFactorResetSuccess,
  confirmSecondFactorReset,
  type RequestSecondFactorResetSuccess,
  requestSecondFactorReset,
} from './second-factor-reset.ts';

const RequestSecondFactorResetInputObject = builder.inputType('RequestSecondFactorResetInput', {
  description: 'A sign-in with the right password, by someone who has lost every second factor.',
  fields: (t) => ({ challengeToken: t.string({ description: 'From the SecondFactorRequiredError of `login`.' }) }),
});

const RequestSecondFactorResetSuccessObject = builder
  .objectRef<RequestSecondFactorResetSuccess>('RequestSecondFactorResetSuccess')
  .implement({
    description: 'An email with a link is on its way. Nothing changes until it is used.',
    fields: (t) => ({
      email: t.exposeString('email', { description: 'Where to look, mostly hidden: `g***@example.com`.' }),
      expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'Until when the link can be used.' }),
    }),
  });

builder.mutationField('requestSecondFactorReset', (t) =>
  t.field({
    access: 'anyone',
    takesCredential: true,
    type: resultUnion('RequestSecondFactorResetResult', RequestSecondFactorResetSuccessObject, [
      LoginExpiredError,
      TooManyAttemptsError,
    ]),
    description:
      'Asks to remove lost second factors. Offer it last, after recovery codes and other apps. LoginExpiredError also ' +
      'for a sign-in that did not begin with the password. FORBIDDEN where SIGN_IN_METHODS does not have `password`: an ' +
      'administrator can help with `resetSecondFactors`.',
    args: {
      input: t.arg({ type: RequestSecondFactorResetInputObject, description: 'For example `{challengeToken: "…"}`.' }),
    },
    resolve: (_root, { input }, ctx) => requestSecondFactorReset(ctx, input),
  }),
);

const ConfirmSecondFactorResetInputObject = builder.inputType('ConfirmSecondFactorResetInput', {
  description: 'Shows that the person who asked also reads the mailbox.',
  fields: (t) => ({ token: t.string({ description: 'From the link in the newest email. Valid for 30 minutes.' }) }),
});

const ConfirmSecondFactorResetSuccessObject = builder
  .objectRef<ConfirmSecondFactorResetSuccess>('ConfirmSecondFactorResetSuccess')
  .implement({
    description: 'The factors will be removed unless the owner objects. They still work until then.',
    fields: (t) => ({
      resetsAt: t.expose('resetsAt', {
        type: 'DateTime',
        description:
          'In 72 hours, but not within two weeks of a password reset by email. Signing in with a second factor, or the link in the email, cancels it.',
      }),
    }),
  });

builder.mutationField('confirmSecondFactorReset', (t) =>
  t.field({
    access: 'anyone',
    takesCredential: true,
    type: resultUnion('ConfirmSecondFactorResetResult', ConfirmSecondFactorResetSuccessObject, [InvalidCodeError]),
    description:
      'Starts the wait after which lost second factors are removed. FORBIDDEN where SIGN_IN_METHODS does not have ' +
      '`password`.',
    args: {
      input: t.arg({ type: ConfirmSecondFactorResetInputObject, description: 'For example `{token: "…"}`.' }),
    },
    resolve: (_root, { input }, ctx) => confirmSecondFactorReset(ctx, input),
  }),
);

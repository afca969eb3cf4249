import {
  AccountDeletionPendingError,
  AccountDisabledError,
  InvalidCodeError,
  ServiceBusyError,
  TooManyAttemptsError,
  ValidationError,
} from '#errors/domain-errors.ts';
import { SecondFactorRequiredError } from '#errors/second-factor-errors.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors/errors.ts';
import { LoginSuccessObject, TokenTransportEnum } from '#graphql/objects/sign-in-objects.ts';
import { loginWithEmail, loginWithEmailByCookie, type RequestLoginSuccess, requestLogin } from './login-with-email.ts';

const RequestLoginInputObject = builder.inputType('RequestLoginInput', {
  description: 'Where to send a code and a link that sign in.',
  fields: (t) => ({
    email: t.string({ description: 'Of the account. An address without one gets no email.' }),
    locale: t.string({
      required: false,
      description: 'Language of this email, as in `register`. By default, that of the account.',
    }),
    captcha: t.string({
      required: false,
      description: 'The response of the captcha widget. Required if a captcha provider is configured.',
    }),
  }),
});

const RequestLoginSuccessObject = builder.objectRef<RequestLoginSuccess>('RequestLoginSuccess').implement({
  description: 'If the address has an account, an email is on its way. The answer is the same for every address.',
  fields: (t) => ({
    email: t.exposeString('email', { description: 'The address in its canonical form, in lower case.' }),
    challengeToken: t.exposeString('challengeToken', {
      description:
        'Give it to `loginWithEmail` with the code: the code counts for this request only. Keep it in memory.',
    }),
    resendAvailableAt: t.expose('resendAvailableAt', {
      type: 'DateTime',
      description: 'When the next email can be requested.',
    }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'Until when code and link can be used.' }),
  }),
});

builder.mutationField('requestLogin', (t) =>
  t.field({
    access: 'anyone',
    type: resultUnion('RequestLoginResult', RequestLoginSuccessObject, [
      TooManyAttemptsError,
      ServiceBusyError,
      ValidationError,
    ]),
    description:
      'Sends a code and a link that sign in without a password. Limited to one email a minute, 5 an hour and 10 a day ' +
      'for an address. FORBIDDEN where SIGN_IN_METHODS does not have `email`. Next: `loginWithEmail`.',
    args: {
      input: t.arg({ type: RequestLoginInputObject, description: 'For example `{email: "grace@example.com"}`.' }),
    },
    resolve: (_root, { input }, ctx) => requestLogin(ctx, input),
  }),
);

const LoginWithEmailInputObject = builder.inputType('LoginWithEmailInput', {
  description: 'Give either `challengeToken` together with `code`, or `token`, from the emailed link.',
  fields: (t) => ({
    challengeToken: t.string({ required: false, description: 'From `requestLogin`. Required with `code`.' }),
    code: t.string({
      required: false,
      description: 'The six digits from the email. Valid for 10 minutes and 5 attempts; spaces and dashes are ignored.',
    }),
    token: t.string({
      required: false,
      description: 'From the link in the email, on any device. Valid for 10 minutes.',
    }),
    deviceToken: t.string({
      required: false,
      description: 'As in `login`: if the person trusts the device, no second factor is asked for.',
    }),
    transport: t.field({
      type: TokenTransportEnum,
      required: true,
      defaultValue: 'BEARER',
      description: 'COOKIE for web pages, BEARER for everything else.',
    }),
  }),
});

builder.mutationField('loginWithEmail', (t) =>
  t.field({
    access: 'anyone',
    takesCredential: true,
    type: resultUnion('LoginWithEmailResult', LoginSuccessObject, [
      SecondFactorRequiredError,
      InvalidCodeError,
      AccountDisabledError,
      AccountDeletionPendingError,
      TooManyAttemptsError,
      ValidationError,
    ]),
    description:
      'Signs in with a code or link from an email. It is one factor: an account with a second one gets ' +
      'SecondFactorRequiredError, as from `login`. Also verifies the address; a registration that was not verified ' +
      'loses its password. FORBIDDEN where SIGN_IN_METHODS does not have `email`.',
    args: {
      input: t.arg({
        type: LoginWithEmailInputObject,
        description: 'For example `{challengeToken: "…", code: "123456"}`.',
      }),
    },
    resolve: (_root, { input: { transport, ...input } }, ctx) =>
      transport === 'COOKIE' ? loginWithEmailByCookie(ctx, input) : loginWithEmail(ctx, input),
  }),
);

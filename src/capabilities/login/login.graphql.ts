import {
  AccountDeletionPendingError,
  AccountDisabledError,
  EmailNotVerifiedError,
  InvalidCredentialsError,
  ServiceBusyError,
  TooManyAttemptsError,
  ValidationError,
} from '#errors/domain-errors.ts';
import { SecondFactorRequiredError } from '#errors/second-factor-errors.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors/errors.ts';
import { LoginSuccessObject, TokenTransportEnum } from '#graphql/objects/sign-in-objects.ts';
import { login, loginByCookie } from './login.ts';

const LoginInputObject = builder.inputType('LoginInput', {
  description: 'Any identifier of the account, and its password.',
  fields: (t) => ({
    identifier: t.string({ description: 'Email address, username or phone number.' }),
    password: t.string({ description: 'As typed: upper case and spaces count.' }),
    deviceToken: t.string({
      required: false,
      description:
        'From `tokens` of the last sign-in on this device. Then what strangers guess does not slow it down, and if the ' +
        'person trusts it (`confirmLogin`), no second factor is asked for. Browsers with the transport COOKIE have it ' +
        'in a cookie.',
    }),
    captcha: t.string({
      required: false,
      description:
        'The response of the captcha widget. Asked for by a ValidationError with this field after suspicious failures, ' +
        'if CAPTCHA_PROVIDER is set; never on a known device.',
    }),
    transport: t.field({
      type: TokenTransportEnum,
      required: true,
      defaultValue: 'BEARER',
      description: 'COOKIE for web pages, BEARER for everything else.',
    }),
  }),
});

builder.mutationField('login', (t) =>
  t.field({
    access: 'anyone',
    type: resultUnion('LoginResult', LoginSuccessObject, [
      SecondFactorRequiredError,
      InvalidCredentialsError,
      EmailNotVerifiedError,
      AccountDisabledError,
      AccountDeletionPendingError,
      TooManyAttemptsError,
      ServiceBusyError,
      ValidationError,
    ]),
    description:
      'Signs in with a password. Unknown identifiers and wrong passwords get the same answer. After 5 failures ' +
      'for an account from one network, or 20 from all unknown devices, each further attempt has to wait longer: ' +
      'TooManyAttemptsError. A known device (`deviceToken`) waits only for its own failures. An account ' +
      'with a second factor gets SecondFactorRequiredError and is not signed in yet: next, `confirmLogin`. FORBIDDEN ' +
      'where SIGN_IN_METHODS does not have `password`.',
    takesCredential: true,
    args: {
      input: t.arg({
        type: LoginInputObject,
        description: 'For example `{identifier: "grace@example.com", password: "seven green teapots"}`.',
      }),
    },
    resolve: (_root, { input: { transport, captcha = null, ...rest } }, ctx) => {
      const input = { ...rest, captcha };
      return transport === 'COOKIE' ? loginByCookie(ctx, input) : login(ctx, input);
    },
  }),
);

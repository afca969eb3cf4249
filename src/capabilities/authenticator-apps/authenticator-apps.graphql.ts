import {
  InvalidCodeError,
  LimitReachedError,
  ReauthenticationRequiredError,
  TooManyAttemptsError,
  ValidationError,
} from '#errors/domain-errors.ts';
import { LoginExpiredError } from '#errors/second-factor-errors.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors/errors.ts';
import { AccountSecurityObject, TotpFactorObject } from '#graphql/objects/account-security-objects.ts';
import { raisedSessionFields, refreshTokenToRaise } from '#graphql/objects/raised-session-fields.ts';
import {
  type ConfirmTotpSetupSuccess,
  confirmTotpSetup,
  type RemoveTotpSuccess,
  removeTotp,
  type StartTotpSetupSuccess,
  startTotpSetup,
} from './authenticator-apps.ts';

const StartTotpSetupSuccessObject = builder.objectRef<StartTotpSetupSuccess>('StartTotpSetupSuccess').implement({
  description: 'What an authenticator app needs. Nothing is stored until `confirmTotpSetup` shows that it works.',
  fields: (t) => ({
    setupToken: t.exposeString('setupToken', {
      description: 'For `confirmTotpSetup`, in the same session. Contains the secret in encrypted form.',
    }),
    secret: t.exposeString('secret', {
      description:
        'To type into an app that cannot read the QR code: 160 bits in base32. Show it once; never store it.',
    }),
    otpauthUri: t.exposeString('otpauthUri', {
      description: 'The same for an app on this device: open it as a link. Six digits, 30 seconds, SHA-1.',
    }),
    qrCode: t.exposeString('qrCode', {
      description:
        'The URI as an image, for `<img src>`: an SVG in a `data:` URI, which needs `img-src data:` in the Content ' +
        'Security Policy of the page.',
    }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'In 10 minutes; then start again.' }),
  }),
});

builder.mutationField('startTotpSetup', (t) =>
  t.field({
    access: 'viewer',
    recentSignIn: 'strong',
    type: resultUnion('StartTotpSetupResult', StartTotpSetupSuccessObject, [
      ReauthenticationRequiredError,
      LimitReachedError,
    ]),
    description: 'Begins to set up an authenticator app. An account can have 5. Next: `confirmTotpSetup`.',
    resolve: (_root, _args, ctx) => startTotpSetup(ctx),
  }),
);

const ConfirmTotpSetupInputObject = builder.inputType('ConfirmTotpSetupInput', {
  description: 'Shows that the app has taken the secret.',
  fields: (t) => ({
    setupToken: t.string({ description: 'From `startTotpSetup`. It can be confirmed once.' }),
    code: t.string({ description: 'Six digits that the app shows now. It cannot be used to sign in afterwards.' }),
    name: t.string({
      defaultValue: 'Authenticator app',
      description: 'Tells the apps of a person apart, for example `Phone`. 1 to 100 characters.',
    }),
    endOtherSessions: t.boolean({
      defaultValue: true,
      description: 'Whether the person is signed out everywhere else, where nobody has shown a second factor.',
    }),
    refreshToken: refreshTokenToRaise(t),
  }),
});

const ConfirmTotpSetupSuccessObject = builder.objectRef<ConfirmTotpSetupSuccess>('ConfirmTotpSetupSuccess').implement({
  description: 'From now on, signing in takes a code. The owner gets an email with a link that undoes this for 7 days.',
  fields: (t) => ({
    factor: t.expose('factor', { type: TotpFactorObject, description: 'The new app.' }),
    recoveryCodes: t.exposeStringList('recoveryCodes', {
      nullable: true,
      description:
        'Ten single-use codes in case the phone is lost, shown only this once. Null if the account had an app already: ' +
        'see `renewRecoveryCodes`.',
    }),
    endedSessions: t.exposeInt('endedSessions', { description: 'How many other sessions have ended.' }),
    accessToken: t.exposeString('accessToken', {
      description: 'Of this session, which has verified a second factor now. Use it in place of the earlier one.',
    }),
    ...raisedSessionFields(t),
  }),
});

builder.mutationField('confirmTotpSetup', (t) =>
  t.field({
    access: 'viewer',
    recentSignIn: 'strong',
    takesCredential: true,
    type: resultUnion('ConfirmTotpSetupResult', ConfirmTotpSetupSuccessObject, [
      InvalidCodeError,
      LoginExpiredError,
      LimitReachedError,
      ReauthenticationRequiredError,
      TooManyAttemptsError,
      ValidationError,
    ]),
    description:
      'Turns an authenticator app into a second factor. A setup that has expired, was confirmed, or was begun in ' +
      'another session is LoginExpiredError. Trusted devices end.',
    args: {
      input: t.arg({
        type: ConfirmTotpSetupInputObject,
        description: 'For example `{setupToken: "…", code: "123456", name: "Phone"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => confirmTotpSetup(ctx, input),
  }),
);

const RemoveTotpInputObject = builder.inputType('RemoveTotpInput', {
  description: 'The app that no longer counts.',
  fields: (t) => ({
    factorId: t.id({ description: 'UUID from `me.security.totpFactors`. Any other is FORBIDDEN.' }),
  }),
});

const RemoveTotpSuccessObject = builder.objectRef<RemoveTotpSuccess>('RemoveTotpSuccess').implement({
  description: 'Its codes no longer count. The owner gets an email with a link that brings it back for 7 days.',
  fields: (t) => ({
    factorId: t.exposeID('factorId', { description: 'The UUID from the input.' }),
    security: t.field({
      type: AccountSecurityObject,
      description: 'Ways to sign in that remain, without this app.',
      resolve: ({ user }) => user,
    }),
  }),
});

builder.mutationField('removeTotp', (t) =>
  t.field({
    access: 'viewer',
    recentSignIn: 'strong',
    protectsAccount: true,
    type: resultUnion('RemoveTotpResult', RemoveTotpSuccessObject, [ReauthenticationRequiredError]),
    description:
      'Removes an authenticator app of the viewer. With the last one go the recovery codes and legacy passwords, and ' +
      'signing in takes one factor again. Trusted devices end.',
    args: {
      input: t.arg({
        type: RemoveTotpInputObject,
        description: 'For example `{factorId: "019a5f6e-0000-7000-8000-000000000000"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => removeTotp(ctx, input),
  }),
);

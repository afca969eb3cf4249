import { ReauthenticationRequiredError } from '#errors/domain-errors.ts';
import { SecondFactorNotSetUpError } from '#errors/second-factor-errors.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors/errors.ts';
import { type RenewRecoveryCodesSuccess, renewRecoveryCodes } from './recovery-codes.ts';

const RenewRecoveryCodesSuccessObject = builder
  .objectRef<RenewRecoveryCodesSuccess>('RenewRecoveryCodesSuccess')
  .implement({
    description: 'The earlier codes no longer work. The owner gets an email with a link that undoes this for 7 days.',
    fields: (t) => ({
      recoveryCodes: t.exposeStringList('recoveryCodes', {
        description: 'Ten codes of 28 characters, shown this once. Each works once in place of a second factor.',
      }),
    }),
  });

builder.mutationField('renewRecoveryCodes', (t) =>
  t.field({
    access: 'viewer',
    recentSignIn: 'strong',
    type: resultUnion('RenewRecoveryCodesResult', RenewRecoveryCodesSuccessObject, [
      ReauthenticationRequiredError,
      SecondFactorNotSetUpError,
    ]),
    description: "Replaces the viewer's recovery codes with ten new ones.",
    resolve: (_root, _args, ctx) => renewRecoveryCodes(ctx),
  }),
);

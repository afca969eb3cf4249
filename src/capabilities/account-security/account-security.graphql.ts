import { builder } from '#graphql/builder.ts';
import { UserObject } from '#graphql/objects/account-objects.ts';
import { AccountSecurityObject, TotpFactorObject } from '#graphql/objects/account-security-objects.ts';
import { accountSecurity, findRecoveryCodes, findTotpFactors } from './account-security.ts';

builder.prismaObjectField(UserObject, 'security', (t) =>
  t.field({
    type: AccountSecurityObject,
    access: 'self',
    nullable: true,
    description: 'Second factors, recovery codes and trusted devices. For others UNAUTHENTICATED or FORBIDDEN.',
    resolve: (user, _args, ctx) => accountSecurity(ctx, user),
  }),
);

builder.objectFields(AccountSecurityObject, (t) => ({
  totpFactors: t.field({
    type: [TotpFactorObject],
    description: 'Authenticator apps, oldest first; at most 5.',
    resolve: (user, _args, ctx) => findTotpFactors(ctx, user),
  }),
  recoveryCodesLeft: t.int({
    description: 'How many recovery codes still work, of ten. At 3, suggest `renewRecoveryCodes`.',
    resolve: async (user, _args, ctx) => (await findRecoveryCodes(ctx, user)).left,
  }),
  recoveryCodesCreatedAt: t.field({
    type: 'DateTime',
    nullable: true,
    description: 'When they were made; null if there are none.',
    resolve: async (user, _args, ctx) => (await findRecoveryCodes(ctx, user)).createdAt,
  }),
}));

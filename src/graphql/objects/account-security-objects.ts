/** How a person can sign in, as several capabilities answer with it. The fields read it when they are selected. */
import type { TotpFactor, User } from '#generated/prisma/client.ts';
import { builder } from '#graphql/builder.ts';

export const TotpFactorObject = builder.objectRef<TotpFactor>('TotpFactor').implement({
  description: 'An authenticator app that makes one-time codes. Its secret is never shown again.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'UUID, for `removeTotp`.' }),
    name: t.exposeString('name', { description: 'As the person called it at setup. Not unique.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When its first code was confirmed.' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When one of its codes last counted.',
    }),
  }),
});

/** Its fields are added by the capability that reads them. */
export const AccountSecurityObject = builder.objectRef<User>('AccountSecurity').implement({
  description: 'How a person can sign in. Only they and administrators see it, and nobody sees a secret in it.',
  fields: (t) => ({
    hasPassword: t.boolean({
      description:
        'Whether there is a password. `changePassword` or `resetPassword` sets the first one; where SIGN_IN_METHODS does not have `password`, it does not sign in.',
      resolve: ({ passwordHash }) => passwordHash !== null,
    }),
    hasSecondFactor: t.exposeBoolean('hasSecondFactor', {
      description: 'Whether signing in takes more than a password or an email.',
    }),
  }),
});

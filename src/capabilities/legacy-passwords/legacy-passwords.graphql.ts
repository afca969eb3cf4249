import { LimitReachedError, ReauthenticationRequiredError, ValidationError } from '#errors/domain-errors.ts';
import type { LegacyPassword } from '#generated/prisma/client.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors/errors.ts';
import { AccountSecurityObject } from '#graphql/objects/account-security-objects.ts';
import {
  type CreateLegacyPasswordSuccess,
  createLegacyPassword,
  findLegacyPasswords,
  removeLegacyPassword,
} from './legacy-passwords.ts';

const LegacyPasswordObject = builder.objectRef<LegacyPassword>('LegacyPassword').implement({
  description:
    'Lets a REST client that cannot ask for a second factor sign in. The password itself is never shown again.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'UUID, for `removeLegacyPassword`.' }),
    name: t.exposeString('name', { description: 'Which client it was made for. Not unique.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'Since when the client can sign in with it.' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it last signed in; null if it never did.',
    }),
  }),
});

builder.objectField(AccountSecurityObject, 'legacyPasswords', (t) =>
  t.field({
    type: [LegacyPasswordObject],
    description:
      'Oldest first, at most 10. They end with a new password or address, and when second factors are removed.',
    resolve: (user, _args, ctx) => findLegacyPasswords(ctx, user),
  }),
);

const CreateLegacyPasswordInputObject = builder.inputType('CreateLegacyPasswordInput', {
  description: 'How to tell the password from those of other clients.',
  fields: (t) => ({ name: t.string({ description: 'For example `Scanner in the warehouse`. 1 to 100 characters.' }) }),
});

const CreateLegacyPasswordSuccessObject = builder
  .objectRef<CreateLegacyPasswordSuccess>('CreateLegacyPasswordSuccess')
  .implement({
    description: 'The client can sign in. The owner gets an email with a link that undoes this for 7 days.',
    fields: (t) => ({
      legacyPassword: t.expose('legacyPassword', { type: LegacyPasswordObject, description: 'To recognize it later.' }),
      password: t.exposeString('password', {
        description: 'To enter in the client, in place of the password. Shown only this once.',
      }),
    }),
  });

builder.mutationField('createLegacyPassword', (t) =>
  t.field({
    access: 'viewer',
    recentSignIn: 'strong',
    type: resultUnion('CreateLegacyPasswordResult', CreateLegacyPasswordSuccessObject, [
      ReauthenticationRequiredError,
      LimitReachedError,
      ValidationError,
    ]),
    description:
      'Makes a password for a REST client that cannot ask for a second factor. It signs in there without a second ' +
      'factor, and nowhere else; its sessions can do nothing that requires a recent sign-in. FORBIDDEN for ' +
      'administrators, and unless LEGACY_PASSWORDS is on.',
    args: {
      input: t.arg({ type: CreateLegacyPasswordInputObject, description: 'For example `{name: "Scanner"}`.' }),
    },
    resolve: (_root, { input }, ctx) => createLegacyPassword(ctx, input),
  }),
);

const RemoveLegacyPasswordInputObject = builder.inputType('RemoveLegacyPasswordInput', {
  description: 'Of a client that may no longer sign in.',
  fields: (t) => ({
    legacyPasswordId: t.id({ description: 'UUID from `me.security.legacyPasswords`. Any other is FORBIDDEN.' }),
  }),
});

const RemoveLegacyPasswordSuccessObject = builder
  .objectRef<{ legacyPasswordId: string }>('RemoveLegacyPasswordSuccess')
  .implement({
    description: 'It no longer signs in. Sessions that any legacy password opened have ended.',
    fields: (t) => ({ legacyPasswordId: t.exposeID('legacyPasswordId', { description: 'The UUID from the input.' }) }),
  });

builder.mutationField('removeLegacyPassword', (t) =>
  t.field({
    access: 'viewer',
    protectsAccount: true,
    type: resultUnion('RemoveLegacyPasswordResult', RemoveLegacyPasswordSuccessObject, []),
    description: 'Ends a legacy password of the viewer. Clients with another one sign in again with theirs.',
    args: {
      input: t.arg({
        type: RemoveLegacyPasswordInputObject,
        description: 'For example `{legacyPasswordId: "019a5f6e-0000-7000-8000-000000000000"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => removeLegacyPassword(ctx, input),
  }),
);

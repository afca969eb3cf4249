import { TooManyAttemptsError, ValidationError } from '#errors.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors.ts';
import { UserObject } from '#graphql/objects.ts';
import { type UpdateProfileSuccess, updateProfile } from './update-profile.ts';

const UpdateProfileInputObject = builder.inputType('UpdateProfileInput', {
  description: 'What changes; a field that is absent stays as it is.',
  fields: (t) => ({
    name: t.string({ required: false, description: 'Name of the person, 1 to 100 characters; cannot be removed.' }),
    username: t.string({
      required: false,
      description:
        'Sign-in name: 3 to 32 of a-z, 0-9, dot, dash and underscore, at least one of them a letter. Null removes it.',
    }),
    phone: t.string({
      required: false,
      description: 'Phone number with country code, for example +4915112345678. Null removes it.',
    }),
    locale: t.string({
      required: false,
      description: 'Language of emails and pages (BCP 47): en, de, es or fr; cannot be removed.',
    }),
  }),
});

const UpdateProfileSuccessObject = builder.objectRef<UpdateProfileSuccess>('UpdateProfileSuccess').implement({
  description: 'The profile is as asked for.',
  fields: (t) => ({ user: t.expose('user', { type: UserObject, description: 'The viewer, as they are now.' }) }),
});

builder.mutationField('updateProfile', (t) =>
  t.field({
    access: 'viewer',
    type: resultUnion('UpdateProfileResult', UpdateProfileSuccessObject, [ValidationError, TooManyAttemptsError]),
    description:
      'Changes name, username, phone or language of the viewer. The address is changed by `requestEmailChange`.',
    args: { input: t.arg({ type: UpdateProfileInputObject, description: 'What changes.' }) },
    resolve: (_root, { input }, ctx) => updateProfile(ctx, input),
  }),
);

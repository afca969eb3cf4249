import { ReauthenticationRequiredError, TooManyAttemptsError, ValidationError } from '#errors/domain-errors.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors/errors.ts';
import { UserObject } from '#graphql/objects/account-objects.ts';
import { type UpdateProfileSuccess, updateProfile } from './update-profile.ts';

const UpdateProfileInputObject = builder.inputType('UpdateProfileInput', {
  description: 'What to change. Omitted fields stay as they are.',
  fields: (t) => ({
    name: t.string({ required: false, description: 'New display name, 1 to 100 characters. Null leaves it as it is.' }),
    username: t.string({
      required: false,
      description:
        '3 to 32 characters: a-z, 0-9, dot, dash and underscore, with at least one letter. Unique: ALREADY_TAKEN ' +
        'if someone else has it or had it in the last 30 days. Null removes it.',
    }),
    phone: t.string({
      required: false,
      description:
        'With country code, for example `+4915112345678`. Unique: ALREADY_TAKEN if someone else has it or had it in the ' +
        'last 30 days. Null removes it.',
    }),
    locale: t.string({
      required: false,
      description:
        'Language of emails and pages, as a BCP 47 tag of `en`, `de`, `es`, `fr`, or a language that the operator added. ' +
        'Null leaves it as it is.',
    }),
  }),
});

const UpdateProfileSuccessObject = builder.objectRef<UpdateProfileSuccess>('UpdateProfileSuccess').implement({
  description: 'All changes were made; there are no partial updates.',
  fields: (t) => ({ user: t.expose('user', { type: UserObject, description: 'The viewer after the change.' }) }),
});

builder.mutationField('updateProfile', (t) =>
  t.field({
    access: 'viewer',
    recentSignIn: 'identifiers',
    type: resultUnion('UpdateProfileResult', UpdateProfileSuccessObject, [
      ReauthenticationRequiredError,
      ValidationError,
      TooManyAttemptsError,
    ]),
    description:
      'Changes what the viewer says about themselves. A username or phone number that is given up is held for them for ' +
      '30 days, and they get an email. To change the email address, call `requestEmailChange`.',
    args: {
      input: t.arg({
        type: UpdateProfileInputObject,
        description: 'For example `{name: "Grace Hopper", username: null}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => updateProfile(ctx, input),
  }),
);

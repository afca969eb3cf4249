import { ReauthenticationRequiredError, TooManyAttemptsError } from '#errors.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors.ts';
import { type ExportMyDataSuccess, exportMyData } from './export-my-data.ts';

const ExportMyDataSuccessObject = builder.objectRef<ExportMyDataSuccess>('ExportMyDataSuccess').implement({
  description: 'Everything that is held about the viewer.',
  fields: (t) => ({
    data: t.expose('data', {
      type: 'JSON',
      description:
        'An object with `account`, `sessions`, `memberships`, `invitationsSent`, `invitationsReceived`, `proofs` (mailed ' +
        'codes and links) and `events`; no password hash, token or code. Of sessions, proofs and events the newest 10 000.',
    }),
    exportedAt: t.expose('exportedAt', { type: 'DateTime', description: 'When it was collected.' }),
  }),
});

builder.queryField('exportMyData', (t) =>
  t.field({
    access: 'viewer',
    nullable: true,
    type: resultUnion('ExportMyDataResult', ExportMyDataSuccessObject, [
      ReauthenticationRequiredError,
      TooManyAttemptsError,
    ]),
    description:
      'Everything that is held about the viewer, as JSON. Needs a recent proof (`reauthenticate`). 10 an hour; it is ' +
      'recorded.',
    resolve: (_root, _args, ctx) => exportMyData(ctx),
  }),
);

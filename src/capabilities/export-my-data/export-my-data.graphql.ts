import { ReauthenticationRequiredError, TooManyAttemptsError } from '#errors/domain-errors.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors/errors.ts';
import { type ExportMyDataSuccess, exportMyData } from './export-my-data.ts';

const ExportMyDataSuccessObject = builder.objectRef<ExportMyDataSuccess>('ExportMyDataSuccess').implement({
  description: 'One document to keep or to pass on (GDPR articles 15 and 20).',
  fields: (t) => ({
    data: t.expose('data', {
      type: 'JSON',
      description:
        'An object with `account`, `secondFactors`, `formerIdentifiers`, `sessions`, `memberships`, `invitationsSent`, `invitationsReceived`, `proofs` ' +
        '(emailed codes and links) and `events`. Without password hash, tokens and codes. Of sessions, proofs and ' +
        'events, the newest 10,000.',
    }),
    exportedAt: t.expose('exportedAt', {
      type: 'DateTime',
      description: 'When the data was read, by the clock of the service.',
    }),
  }),
});

const ExportMyDataResultUnion = resultUnion('ExportMyDataResult', ExportMyDataSuccessObject, [
  ReauthenticationRequiredError,
  TooManyAttemptsError,
]);

builder.mutationField('exportMyData', (t) =>
  t.field({
    access: 'viewer',
    recentSignIn: 'strong',
    changesNothing: true,
    type: ExportMyDataResultUnion,
    description:
      'Everything the service holds about the viewer, as JSON. A mutation, because every export is recorded in the ' +
      'audit log and counts against a limit of 10 an hour.',
    resolve: (_root, _args, ctx) => exportMyData(ctx),
  }),
);

builder.queryField('exportMyData', (t) =>
  t.field({
    access: 'viewer',
    recentSignIn: 'strong',
    nullable: true,
    type: ExportMyDataResultUnion,
    description: 'Does what the mutation of the same name does. A query should not write to the audit log.',
    deprecationReason: 'Use the mutation `exportMyData`.',
    resolve: (_root, _args, ctx) => exportMyData(ctx),
  }),
);

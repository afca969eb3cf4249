import { InvalidOrganizationHeaderError, ValidationError } from '#errors/domain-errors.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors/errors.ts';
import { issueServiceToken, type ServiceToken } from './issue-service-token.ts';

const IssueServiceTokenInputObject = builder.inputType('IssueServiceTokenInput', {
  description: 'Which service the viewer is about to use.',
  fields: (t) => ({
    service: t.string({ description: 'A name of the setting `SERVICES`, such as `billing`; otherwise NOT_ALLOWED.' }),
  }),
});

const IssueServiceTokenSuccessObject = builder.objectRef<ServiceToken>('IssueServiceTokenSuccess').implement({
  description: 'Send it to that service only. Session and other tokens stay as they are.',
  fields: (t) => ({
    accessToken: t.exposeString('accessToken', {
      description:
        'JWT (RFC 9068) that Latchkey itself and every other service refuse. It cannot be refreshed: ask for another.',
    }),
    expiresIn: t.exposeInt('expiresIn', { description: 'Lifetime in seconds, counted from now; at most 300.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'When it expires: no later than the access token that was sent with the request.',
    }),
    audience: t.exposeString('audience', { description: 'The URL of the service, as in the claim `aud`.' }),
  }),
});

builder.mutationField('issueServiceToken', (t) =>
  t.field({
    type: resultUnion('IssueServiceTokenResult', IssueServiceTokenSuccessObject, [
      ValidationError,
      InvalidOrganizationHeaderError,
    ]),
    access: 'viewer',
    description:
      'Issues an access token for one service, so that the service cannot use it anywhere else. With the header ' +
      '`X-Organization-Id`, it has the claims `org_id` and `org_role`.',
    args: {
      input: t.arg({ type: IssueServiceTokenInputObject, description: 'For example `{service: "billing"}`.' }),
    },
    resolve: (_root, { input }, ctx) => issueServiceToken(ctx, input),
  }),
);

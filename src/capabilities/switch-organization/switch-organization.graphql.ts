import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors.ts';
import { MembershipRoleEnum, OrganizationObject } from '#graphql/organization-objects.ts';
import { type OrganizationToken, switchOrganization } from './switch-organization.ts';

const SwitchOrganizationInputObject = builder.inputType('SwitchOrganizationInput', {
  description: 'Which organization the token is for.',
  fields: (t) => ({ organizationId: t.id({ description: 'Id of the organization.' }) }),
});

const SwitchOrganizationSuccessObject = builder.objectRef<OrganizationToken>('SwitchOrganizationSuccess').implement({
  description: 'An access token for the organization; the session and its refresh token stay as they are.',
  fields: (t) => ({
    accessToken: t.exposeString('accessToken', {
      description: 'JWT (RFC 9068) with the claims `org_id` and `org_role`. Treat it as a secret.',
    }),
    expiresIn: t.exposeInt('expiresIn', { description: 'Seconds until it expires.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'When it expires: no later than the one it was asked with.',
    }),
    organization: t.field({
      type: OrganizationObject,
      description: 'Its `org_id`.',
      resolve: ({ acting }) => acting.organization,
    }),
    role: t.field({
      type: MembershipRoleEnum,
      description: 'Its `org_role`.',
      resolve: ({ acting }) => acting.role,
    }),
  }),
});

builder.mutationField('switchOrganization', (t) =>
  t.field({
    type: resultUnion('SwitchOrganizationResult', SwitchOrganizationSuccessObject, []),
    access: 'organization:read',
    description:
      'Gives an access token that tells other services in which organization its holder acts. Here the header `X-Organization-Id` decides, whatever the token says. `refresh` with the header gives such tokens, too.',
    args: {
      input: t.arg({ type: SwitchOrganizationInputObject, description: 'Which organization the token is for.' }),
    },
    resolve: (_root, { input }, ctx) => switchOrganization(ctx, input),
  }),
);

import { InvalidOrganizationHeaderError } from '#errors/domain-errors.ts';
import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors/errors.ts';
import { MembershipRoleEnum, OrganizationObject } from '#graphql/objects/organization-objects.ts';
import { type OrganizationToken, switchOrganization } from './switch-organization.ts';

const SwitchOrganizationInputObject = builder.inputType('SwitchOrganizationInput', {
  description: 'Name the organization that other services should see in the token.',
  fields: (t) => ({ organizationId: t.id({ description: 'One that the viewer may act in; otherwise FORBIDDEN.' }) }),
});

const SwitchOrganizationSuccessObject = builder.objectRef<OrganizationToken>('SwitchOrganizationSuccess').implement({
  description: 'Only the access token is new; session and refresh token stay as they are.',
  fields: (t) => ({
    accessToken: t.exposeString('accessToken', {
      description: 'JWT (RFC 9068) with the claims `org_id` and `org_role`. A secret, like every access token.',
    }),
    expiresIn: t.exposeInt('expiresIn', { description: 'Lifetime of the token in seconds, counted from now.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'When the token expires: no later than the one that was sent with the request.',
    }),
    organization: t.field({
      type: OrganizationObject,
      description: 'Named by the claim `org_id`.',
      resolve: ({ acting }) => acting.organization,
    }),
    role: t.field({
      type: MembershipRoleEnum,
      description: "Given in the claim `org_role`: the viewer's highest role there when the token was issued.",
      resolve: ({ acting }) => acting.role,
    }),
  }),
});

builder.mutationField('switchOrganization', (t) =>
  t.field({
    type: resultUnion('SwitchOrganizationResult', SwitchOrganizationSuccessObject, [InvalidOrganizationHeaderError]),
    access: 'organization:read',
    description:
      'Issues an access token that tells other services which organization the viewer acts in. Latchkey itself ' +
      'goes by the header `X-Organization-Id`, not by the token. `refresh` with that header issues such tokens, ' +
      'too.',
    args: {
      input: t.arg({
        type: SwitchOrganizationInputObject,
        description: 'For example `{organizationId: "019a5f6e-0000-7000-8000-000000000000"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => switchOrganization(ctx, input),
  }),
);

/** The route of the Organization API for the user of an access token, and the organization they act in. */
import { createRoute, z } from '@hono/zod-openapi';
import { answer, failure, fields, text } from '#rest/definitions.ts';
import { always, example, failures, OrganizationError } from './organization-answers.ts';

const OrganizationUser = fields({
  id: z.uuid(),
  name: z.string(),
  username: z.string().nullable(),
  email: z.string(),
  mobile_phone: z.string().nullable(),
  role: z.string(),
  organization_id: z.uuid().nullable().openapi({
    description:
      'The effective organization: the one in the header; without the header, the only one of the user, or null.',
  }),
}).openapi('OrganizationUser');

/** The document calls the header global: it counts for all endpoints where it makes sense, so not for signing in. */
export const meRoute = (organizationHeader: string) =>
  createRoute({
    method: 'get',
    path: '/auth/me',
    summary: 'Get the user of the access token and the effective organization',
    security: [{ bearer: [] }],
    request: {
      headers: z.object({
        [organizationHeader]: text({ description: 'The id of the organization to act in.', format: 'uuid' }).optional(),
      }),
    },
    responses: {
      200: answer('The user of the access token.', OrganizationUser, {
        id: '123e4567-e89b-12d3-a456-426614174000',
        name: 'John Doe',
        username: 'john.doe',
        email: 'john@example.com',
        mobile_phone: '+4915112345678',
        role: 'customer',
        organization_id: '123e4567-e89b-12d3-a456-426614174001',
      }),
      ...failures({
        400: ['The header is not a UUID.', 'The organization header must contain the UUID of one organization.'],
        403: [
          'The organization is unknown or suspended, or the user does not belong to it.',
          'You are not allowed to do this.',
        ],
      }),
      401: failure('The access token is missing, expired or invalid.', OrganizationError, {
        ...example('SESSION_ENDED'),
        ...example('INVALID_CREDENTIALS'),
      }),
      ...always,
    },
  });

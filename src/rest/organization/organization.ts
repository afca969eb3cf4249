/** The Organization API: sign in with username, email address or phone number; error codes and trace ids. */
import { createRoute, z } from '@hono/zod-openapi';
import { confirmLogin } from '#capabilities/confirm-login/confirm-login.ts';
import { login } from '#capabilities/login/login.ts';
import { requireMe } from '#capabilities/me/me.ts';
import { refresh } from '#capabilities/refresh/refresh.ts';
import { resendVerificationByCode } from '#capabilities/verify-email/verify-email.ts';
import type { Config } from '#config/config.ts';
import type { Tokens } from '#core/sessions/session.ts';
import type { User } from '#generated/prisma/client.ts';
import { createApi, type RestApi } from '../api.ts';
import {
  answer,
  CHALLENGE,
  FACTOR_CODE,
  failure,
  fields,
  INVALID_CODE,
  jsonBody,
  LEGACY_PASSWORD_NOTE,
  LOGIN_EXPIRED,
  SECOND_FACTOR_REQUIRED,
  text,
} from '../definitions.ts';
import {
  always,
  example,
  failures,
  OrganizationError,
  shape,
  ThreeTokens,
  TOKENS,
  TRACE_ID,
} from './organization-answers.ts';

/** The document says "a short duration (normally 1 hour)". */
const ACCESS_TOKEN_TTL_SECONDS = 3600;

const LOGIN = createRoute({
  method: 'post',
  path: '/auth/login',
  summary: 'Sign in with username, email address or phone number',
  description: LEGACY_PASSWORD_NOTE,
  request: {
    body: jsonBody(
      fields({
        username: text({ description: 'Username, email address or mobile phone of the account.' }),
        password: text({ description: 'Password.' }),
      }),
      { password: 'string', username: 'string' },
    ),
  },
  responses: {
    200: answer('User successfully logged in.', ThreeTokens, TOKENS),
    ...failures({ 400: ['Missing or invalid request body.', 'password is required.'] }),
    401: failure('Unauthorized; see `error_code`.', OrganizationError, {
      ...example('INVALID_CREDENTIALS'),
      'account-not-validated': {
        error_code: 'account-not-validated',
        extra_attributes: { resend_code: 'd2e93fb1-5541-4a90-8215-ca1ebcdcab8b' },
        trace_id: TRACE_ID,
        message: 'Account not validated',
      },
      ...example('ACCOUNT_DISABLED'),
      'second-factor-required': {
        error_code: 'second-factor-required',
        message: SECOND_FACTOR_REQUIRED,
        trace_id: TRACE_ID,
        extra_attributes: { challenge_token: CHALLENGE, methods: ['totp', 'recovery_code'] },
      },
    }),
    ...always,
  },
});

const CONFIRM_LOGIN = createRoute({
  method: 'post',
  path: '/auth/login/confirm',
  summary: 'Confirm a login with the second factor',
  description: 'Not in the original document: for the error `second-factor-required`.',
  request: {
    body: jsonBody(
      fields({
        challenge_token: text({ description: '`extra_attributes.challenge_token` of that error.' }),
        code: FACTOR_CODE,
      }),
      { challenge_token: CHALLENGE, code: '123456' },
    ),
  },
  responses: {
    200: answer('User successfully logged in.', ThreeTokens, TOKENS),
    ...failures({ 400: ['The code is wrong or was used before.', INVALID_CODE, 'code is required.'] }),
    401: failure('The login has to start again, or the account cannot be used.', OrganizationError, {
      'login-expired': { error_code: 'login-expired', message: LOGIN_EXPIRED, trace_id: TRACE_ID },
      ...example('ACCOUNT_DISABLED'),
    }),
    ...always,
  },
});

const REFRESH = createRoute({
  method: 'post',
  path: '/auth/refresh-token',
  summary: 'Exchange a refresh token for new tokens',
  request: {
    body: jsonBody(fields({ refresh_token: text({ description: 'The newest refresh token.' }) }), {
      refresh_token: 'string',
    }),
  },
  responses: {
    200: answer('New tokens; the old refresh token is no longer valid.', ThreeTokens, TOKENS),
    ...failures({ 400: ['Missing or invalid request body.', 'refresh_token is required.'] }),
    401: failure(
      'The session has ended, or the token was not issued by this service.',
      OrganizationError,
      example('SESSION_ENDED'),
    ),
    ...always,
  },
});

const RESEND_VALIDATION = createRoute({
  method: 'post',
  path: '/auth/resend-validation',
  summary: 'Send the verification email again',
  request: {
    body: jsonBody(
      fields({
        resend_code: text({ description: '`extra_attributes.resend_code` from an `account-not-validated` error.' }),
      }),
      { resend_code: 'd2e93fb1-5541-4a90-8215-ca1ebcdcab8b' },
    ),
  },
  responses: {
    200: answer('If the account is not validated yet, an email is on its way.', fields({ message: z.string() }), {
      message: 'Validation email sent',
    }),
    ...failures({
      400: ['The code was not issued by this service, or the body is invalid.', 'resend_code is required.'],
    }),
    ...always,
  },
});

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
const meRoute = (organizationHeader: string) =>
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

export function createOrganizationApi({ organizationHeader }: Pick<Config, 'organizationHeader'>): RestApi {
  const api = createApi({
    tag: {
      name: 'Organization API',
      description: 'Sign in with username, email address or phone number; error codes, trace ids.',
    },
    mediaType: 'application/json',
    shape,
  });
  api.app.openapi(LOGIN, async (c) => {
    const { username, password } = c.req.valid('json');
    const options = { accessTokenTtlSeconds: ACCESS_TOKEN_TTL_SECONDS };
    const { tokens } = await login(c.env.ctx, {
      identifier: username,
      password,
      acceptsLegacyPassword: true,
      ...options,
    });
    return c.json(threeOf(tokens), 200);
  });
  api.app.openapi(CONFIRM_LOGIN, async (c) => {
    const { challenge_token: challengeToken, code } = c.req.valid('json');
    const options = { accessTokenTtlSeconds: ACCESS_TOKEN_TTL_SECONDS };
    const { tokens } = await confirmLogin(c.env.ctx, { challengeToken, either: code, ...options });
    return c.json(threeOf(tokens), 200);
  });
  api.app.openapi(REFRESH, async (c) => {
    const { refresh_token: refreshToken } = c.req.valid('json');
    const options = { accessTokenTtlSeconds: ACCESS_TOKEN_TTL_SECONDS, ignoresOrganization: true };
    const { tokens } = await refresh(c.env.ctx, { refreshToken, ...options });
    return c.json(threeOf(tokens), 200);
  });
  api.app.openapi(RESEND_VALIDATION, async (c) => {
    await resendVerificationByCode(c.env.ctx, { resendCode: c.req.valid('json').resend_code });
    return c.json({ message: 'Validation email sent' }, 200);
  });
  api.app.openapi(meRoute(organizationHeader), async (c) => {
    const { user, organizationId } = await requireMe(c.env.ctx);
    return c.json({ ...userOf(user), organization_id: organizationId }, 200);
  });
  return api;
}

function threeOf({ accessToken, refreshToken }: Tokens): z.infer<typeof ThreeTokens> {
  return { access_token: accessToken, jwt_token: accessToken, refresh_token: refreshToken };
}

function userOf({ id, name, username, email, phone, role }: User) {
  return { id, name, username, email, mobile_phone: phone, role };
}

/** The Token API: one form-encoded sign-in that answers with an access token. */
import { createRoute, z } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { confirmLogin } from '#capabilities/confirm-login/confirm-login.ts';
import { login } from '#capabilities/login/login.ts';
import type { Ctx } from '#core/context.ts';
import { SecondFactorRequiredError } from '#errors/second-factor-errors.ts';
import { createApi, type RestApi, type Shape } from './api.ts';
import {
  answer,
  CHALLENGE,
  DELETION_PENDING,
  failure,
  failuresOf,
  fields,
  LEGACY_PASSWORD_NOTE,
  LOGIN_EXPIRED,
  text,
} from './definitions.ts';

const TokenError = fields({
  error: z.string().openapi({ description: 'What went wrong; safe to show.' }),
  mfa_token: z
    .string()
    .optional()
    .openapi({ description: 'With the error `mfa_required`: send it to the same path, with `otp`.' }),
}).openapi('TokenError');

const shape: Shape = ({ code, status, message, cause }) => {
  // The answer that OAuth clients know from other services.
  if (cause instanceof SecondFactorRequiredError) {
    return { status: 403, body: { error: 'mfa_required', mfa_token: cause.challengeToken } };
  }
  return {
    // In the document, every refused sign-in is "invalid credentials".
    status: status === 403 ? 401 : status,
    body: { error: code === 'INVALID_CREDENTIALS' ? 'Invalid credentials' : message },
  };
};

const { failures, always } = failuresOf(TokenError, (error) => ({ error }));

const LOGIN = createRoute({
  method: 'post',
  path: '/auth/login',
  summary: 'Sign in with a form and get an access token',
  description: LEGACY_PASSWORD_NOTE,
  request: {
    body: {
      required: true,
      content: {
        'application/x-www-form-urlencoded': {
          schema: fields({
            username: text({ description: 'Username, email address or phone number.' }).optional(),
            password: text({ description: 'Password.' }).optional(),
            mfa_token: text({ description: 'From the error `mfa_required`, in place of the first two.' }).optional(),
            otp: text({ description: 'With `mfa_token`: six digits of an app, or a recovery code.' }).optional(),
          }),
          example: { username: 'user@example.com', password: 'secretpassword' },
        },
      },
    },
  },
  responses: {
    200: answer(
      'An access token. There is no refresh token: sign in again when it has expired.',
      fields({ access_token: z.string(), token_type: z.literal('bearer') }),
      { access_token: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9...', token_type: 'bearer' },
    ),
    ...failures({
      400: ['The form is invalid.', 'password is required.'],
      401: [
        'The identifier or password is incorrect, or both are correct and the account cannot be used.',
        'Invalid credentials',
        'Please verify your email address before logging in.',
        'This account has been disabled.',
        DELETION_PENDING,
        LOGIN_EXPIRED,
      ],
    }),
    403: failure('The account has a second factor.', TokenError, {
      mfa_required: { error: 'mfa_required', mfa_token: CHALLENGE },
    }),
    ...always,
  },
});

export function createTokenApi(): RestApi {
  const api = createApi({
    tag: { name: 'Token API', description: 'A form-encoded sign-in that answers with an access token.' },
    mediaType: 'application/x-www-form-urlencoded',
    shape,
  });
  api.app.openapi(LOGIN, async (c) => {
    const { tokens } = await signIn(c.env.ctx, c.req.valid('form'));
    return c.json({ access_token: tokens.accessToken, token_type: 'bearer' as const }, 200);
  });
  return api;
}

type Form = Partial<Record<'username' | 'password' | 'mfa_token' | 'otp', string | undefined>>;

/** Either step of a sign-in, by the fields that are there. */
async function signIn(ctx: Ctx, { username, password, mfa_token: challengeToken, otp }: Form) {
  if (challengeToken !== undefined) {
    if (otp === undefined) throw new HTTPException(400, { message: 'otp is required.' });
    return confirmLogin(ctx, { challengeToken, either: otp });
  }
  const missing = Object.entries({ username, password }).filter(([, value]) => value === undefined);
  if (username === undefined || password === undefined) {
    throw new HTTPException(400, { message: missing.map(([name]) => `${name} is required.`).join(' ') });
  }
  return login(ctx, { identifier: username, password, acceptsLegacyPassword: true });
}

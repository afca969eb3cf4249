/** The Token API: one form-encoded sign-in that answers with an access token. */
import { createRoute, z } from '@hono/zod-openapi';
import { login } from '#capabilities/login/login.ts';
import { createApi, type RestApi, type Shape } from './api.ts';
import { answer, DELETION_PENDING, failuresOf, fields, text } from './definitions.ts';

const TokenError = fields({
  error: z.string().openapi({ description: 'What went wrong; safe to show.' }),
}).openapi('TokenError');

const shape: Shape = ({ code, status, message }) => ({
  // In the document, every refused sign-in is "invalid credentials".
  status: status === 403 ? 401 : status,
  body: { error: code === 'INVALID_CREDENTIALS' ? 'Invalid credentials' : message },
});

const { failures, always } = failuresOf(TokenError, (error) => ({ error }));

const LOGIN = createRoute({
  method: 'post',
  path: '/auth/login',
  summary: 'Sign in with a form and get an access token',
  request: {
    body: {
      required: true,
      content: {
        'application/x-www-form-urlencoded': {
          schema: fields({
            username: text({ description: 'Username, email address or phone number.' }),
            password: text({ description: 'Password.' }),
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
      ],
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
    const { username, password } = c.req.valid('form');
    const { tokens } = await login(c.env.ctx, { identifier: username, password });
    return c.json({ access_token: tokens.accessToken, token_type: 'bearer' as const }, 200);
  });
  return api;
}

/** The routes of the Vault API that sign in, and keep someone signed in. */
import { createRoute } from '@hono/zod-openapi';
import {
  answer,
  CHALLENGE,
  DELETION_PENDING,
  FACTOR_CODE,
  fields,
  INVALID_CODE,
  jsonBody,
  LEGACY_PASSWORD_NOTE,
  LOGIN_EXPIRED,
  SECOND_FACTOR_REQUIRED,
  text,
} from '#rest/definitions.ts';
import { always, BEARER, EMAIL, failures, PASSWORD, TOKEN_REFUSED, TOKENS, VaultTokens } from './vault-answers.ts';

export const LOGIN = createRoute({
  method: 'post',
  path: '/api/login',
  summary: 'Sign in with email address and password',
  description: LEGACY_PASSWORD_NOTE,
  request: {
    body: jsonBody(fields({ email: EMAIL, password: PASSWORD }), {
      email: 'jane@example.com',
      password: 'your_password',
    }),
  },
  responses: {
    200: answer('Tokens of a new session.', VaultTokens, TOKENS),
    ...failures({
      400: ['The request is invalid.', 'password is required.'],
      401: ['The email address or password is incorrect.', 'The identifier or password is incorrect.'],
      403: [
        'The password is correct, but the account cannot be used.',
        'Please verify your email address before logging in.',
        'This account has been disabled.',
        DELETION_PENDING,
        SECOND_FACTOR_REQUIRED,
      ],
    }),
    ...always,
  },
});

export const CONFIRM_LOGIN = createRoute({
  method: 'post',
  path: '/api/login/confirm',
  summary: 'Confirm a sign-in with the second factor',
  description:
    'Not in the original document: for accounts with a second factor, where signing in, also with the emailed link, answers 403 with a `challengeToken`.',
  request: {
    body: jsonBody(fields({ challengeToken: text({ description: 'From the 403.' }), code: FACTOR_CODE }), {
      challengeToken: CHALLENGE,
      code: '123456',
    }),
  },
  responses: {
    200: answer('Tokens of a new session.', VaultTokens, TOKENS),
    ...failures({
      400: ['The code is wrong or was used before.', INVALID_CODE, 'code is required.'],
      401: ['The sign-in has to start again.', LOGIN_EXPIRED],
      403: ['The account cannot be used.', 'This account has been disabled.', DELETION_PENDING],
    }),
    ...always,
  },
});

export const REFRESH = createRoute({
  method: 'get',
  path: '/api/refresh',
  summary: 'Exchange the user token for new tokens while it is valid',
  security: BEARER,
  responses: {
    200: answer('New tokens of the same session.', VaultTokens, TOKENS),
    ...failures({
      401: ['The token is missing, expired or no longer valid.', ...TOKEN_REFUSED],
    }),
    ...always,
  },
});

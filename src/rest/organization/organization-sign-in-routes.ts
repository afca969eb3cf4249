/** The routes of the Organization API that sign in, keep someone signed in, and send the verification email again. */
import { createRoute, z } from '@hono/zod-openapi';
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
} from '#rest/definitions.ts';
import { always, example, failures, OrganizationError, ThreeTokens, TOKENS, TRACE_ID } from './organization-answers.ts';

export const LOGIN = createRoute({
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

export const CONFIRM_LOGIN = createRoute({
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

export const REFRESH = createRoute({
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

export const RESEND_VALIDATION = createRoute({
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

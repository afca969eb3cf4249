/** The routes of the Vault API that register an account and verify its address. */
import { createRoute, z } from '@hono/zod-openapi';
import { answer, fields, jsonBody, SECOND_FACTOR_REQUIRED, text } from '#rest/definitions.ts';
import {
  always,
  BEARER,
  EMAIL,
  failures,
  NOT_A_PAGE,
  PASSWORD,
  TOKEN_REFUSED,
  TOKENS,
  VaultTokens,
} from './vault-answers.ts';

export const REGISTER = createRoute({
  method: 'post',
  path: '/api/register',
  summary: 'Register, and receive an email to verify the address',
  request: {
    body: jsonBody(fields({ email: EMAIL, password: PASSWORD, name: text({ description: 'Name of the user.' }) }), {
      email: 'jane@example.com',
      password: 'your_password',
      name: 'Jane Doe',
    }),
  },
  responses: {
    200: answer('Tokens that only allow resending the email and refreshing.', VaultTokens, TOKENS),
    ...failures({
      400: ['The request is invalid.', 'name is required.'],
      409: ['The address already has an account.', 'This email address already has an account.'],
    }),
    ...always,
  },
});

export const VERIFY_EMAIL = createRoute({
  method: 'get',
  path: '/api/verify-email/{token}',
  summary: 'Verify the address with the token from the emailed link, and sign in',
  description:
    'The token can be used once. Emails do not link here, because mail scanners open every link: the client calls this endpoint with the `token` from the link. It creates the default team and the default project, and the tokens from the registration stop working. In browsers it works from scripts only.',
  request: {
    params: z.object({
      token: text({ description: 'The token from the link in the newest email.', example: 'token' }),
    }),
  },
  responses: {
    200: answer('The address is verified; tokens of a new session.', VaultTokens, TOKENS),
    ...failures({
      400: [
        'The token is wrong, expired, used or replaced by a newer one.',
        'This code or link is not valid. It may have expired, been used, or been replaced by a newer one.',
      ],
      403: [
        'The address is verified, but the account cannot be used, or has a second factor. Or nothing was done, because a browser opened this as a page, a picture or the like, or called it from a page of another origin.',
        'This account has been disabled.',
        SECOND_FACTOR_REQUIRED,
        NOT_A_PAGE,
      ],
    }),
    ...always,
  },
});

export const RESEND = createRoute({
  method: 'get',
  path: '/api/resend-email-verification',
  summary: 'Send the verification email again',
  security: BEARER,
  request: {
    query: z.object({
      capcha: text({
        description: 'The response of the captcha widget. Required if a captcha provider is configured.',
      }).optional(),
    }),
  },
  responses: {
    200: answer('The email is queued; new tokens of the same session.', VaultTokens, TOKENS),
    ...failures({
      400: ['The captcha is missing or wrong.', 'Please solve the captcha.'],
      401: ['The token is missing, expired or no longer valid.', ...TOKEN_REFUSED],
    }),
    ...always,
    ...failures({
      503: [
        'The captcha provider cannot be reached; see Retry-After.',
        'The service is busy. Please try again shortly.',
      ],
    }),
  },
});

export const EXIST_EMAIL = createRoute({
  method: 'get',
  path: '/api/exist-email/{email}',
  summary: 'Check whether an address has an account; always false with ACCOUNT_DISCOVERY=conceal-everywhere',
  request: { params: z.object({ email: EMAIL }) },
  responses: {
    200: answer('Whether the address has an account.', z.boolean(), true),
    ...failures({ 400: ['The address is not valid.', 'Please enter a valid email address.'] }),
    ...always,
  },
});

/** The routes of the Vault API that set a forgotten password, each at two paths. */
import { createRoute } from '@hono/zod-openapi';
import { ForbiddenError } from '#errors/refused-errors.ts';
import { answer, fields, jsonBody, text } from '#rest/definitions.ts';
import { always, Done, EMAIL, failures } from './vault-answers.ts';

/** The documented path, and the one with the correct spelling. */
export const spellings = (verb: 'forgot' | 'reset') => [`/api/${verb}-passsword`, `/api/${verb}-password`] as const;

const CLOSED = {
  403: ['SIGN_IN_METHODS does not have `password`.', new ForbiddenError('SIGN_IN_METHOD_OFF').message],
} satisfies Parameters<typeof failures>[0];

export const forgotPassword = (path: string) =>
  createRoute({
    method: 'post',
    path,
    summary: 'Send a link to set a new password',
    request: { body: jsonBody(fields({ email: EMAIL }), { email: 'jane@example.com' }) },
    responses: {
      200: answer(
        'If the address has an account, an email is on its way. The answer is the same for every address.',
        Done,
        {
          status: 'ok',
        },
      ),
      ...failures({ 400: ['The request is invalid.', 'email is required.'], ...CLOSED }),
      ...always,
    },
  });

export const setPassword = (path: string) =>
  createRoute({
    method: 'post',
    path,
    summary: 'Set a new password with the token from the emailed link, and end every session',
    request: {
      body: jsonBody(
        fields({
          token: text({ description: 'The token from the link in the newest email.' }),
          newPassword: text({ description: 'The password to set.' }),
        }),
        { token: 'token', newPassword: 'your_new_password' },
      ),
    },
    responses: {
      200: answer('The password is set.', Done, { status: 'ok' }),
      ...failures({
        400: [
          'The token is wrong, expired, used or replaced by a newer one, or the password is not acceptable.',
          'This code or link is not valid. It may have expired, been used, or been replaced by a newer one.',
          'token is required.',
        ],
        ...CLOSED,
      }),
      ...always,
    },
  });

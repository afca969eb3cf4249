/** The shape of the answers of the Vault API, failures included. */
import { z } from '@hono/zod-openapi';
import { SecondFactorRequiredError } from '#errors/second-factor-errors.ts';
import type { Shape } from '#rest/api.ts';
import { failuresOf, fields, text } from '#rest/definitions.ts';

/** The document shows no failures. This is the shape that NestJS uses, which clients of such an API know. */
const VaultError = fields({
  statusCode: z.int().openapi({ description: 'The HTTP status.' }),
  message: z.string().openapi({ description: 'What went wrong; safe to show.' }),
  error: z.string().openapi({ description: 'The name of the status.' }),
  challengeToken: z.string().optional().openapi({ description: 'For `POST /api/login/confirm`.' }),
}).openapi('VaultError');

const STATUS_NAMES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

const bodyOf = (message: string, statusCode: number) => ({
  statusCode,
  message,
  error: STATUS_NAMES[statusCode] ?? 'Error',
});

export const shape: Shape = (failure) => {
  const status = failure.code === 'EMAIL_TAKEN' ? 409 : failure.status;
  const { cause } = failure;
  const challenge = cause instanceof SecondFactorRequiredError && { challengeToken: cause.challengeToken };
  return { status, body: { ...bodyOf(failure.message, status), ...challenge } };
};

export const { failures, always } = failuresOf(VaultError, bodyOf);

export const EMAIL = text({ description: 'Email address.', example: 'jane@example.com' });
export const PASSWORD = text({ description: 'Password.' });
export const BEARER = [{ bearer: [] }];

export const VaultTokens = fields({
  userToken: z.string().openapi({
    description:
      'JWT for the user, valid for an hour. Until the address is verified, it only allows resending the email and refreshing.',
  }),
  vaultToken: z.string().openapi({
    description:
      'JWT for the team of the user: audience `vault`, claims `org_id`, `project_id` and `role`. Until there is a team, these claims are absent.',
  }),
}).openapi('VaultTokens');
export const TOKENS = { userToken: 'userToken', vaultToken: 'teamToken' };
export const Done = fields({ status: z.literal('ok') }).openapi('VaultDone');

/** To a browser that opens as a page what verifies an address. */
export const NOT_A_PAGE = 'This is for apps. To verify an email address, open the link in the email.';

export const TOKEN_REFUSED = ['Please sign in.', 'The access token has expired.'] as const;

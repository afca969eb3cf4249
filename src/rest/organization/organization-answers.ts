/** The shape of the answers of the Organization API, failures included. */
import { z } from '@hono/zod-openapi';
import { EmailNotVerifiedError } from '#errors/domain-errors.ts';
import { UnauthenticatedError } from '#errors/refused-errors.ts';
import { SecondFactorRequiredError } from '#errors/second-factor-errors.ts';
import type { Shape } from '../api.ts';
import { FACTORS, factorsOf, failuresOf, fields } from '../definitions.ts';
import type { Failure } from '../errors.ts';

export const OrganizationError = fields({
  error_code: z.string().openapi({ description: 'What went wrong, as a code.' }),
  message: z.string().openapi({ description: 'What went wrong; safe to show.' }),
  trace_id: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .openapi({ description: 'Identifies the request in the log. Taken from the `traceparent` header, or generated.' }),
  extra_attributes: fields({
    resend_code: z.uuid().optional().openapi({ description: 'For `POST /auth/resend-validation`.' }),
    challenge_token: z.string().optional().openapi({ description: 'For `POST /auth/login/confirm`.' }),
    methods: FACTORS.optional().openapi({ description: 'What the user can confirm the login with.' }),
  }).optional(),
}).openapi('OrganizationError');

/** Codes and messages of the document. Other failures use our own: TOO_MANY_ATTEMPTS is `too-many-attempts`. */
const DOCUMENTED: Partial<Record<Failure['code'], { error_code: string; message?: string }>> = {
  INVALID_CREDENTIALS: { error_code: 'bad-credentials', message: 'Invalid username and/or password' },
  EMAIL_NOT_VERIFIED: { error_code: 'account-not-validated', message: 'Account not validated' },
  SESSION_ENDED: { error_code: 'token-expired', message: 'JWT token expired' },
  ACCOUNT_DISABLED: { error_code: 'inactive-account', message: 'Account has been disabled/deleted' },
  ACCOUNT_DELETION_PENDING: { error_code: 'inactive-account', message: 'Account has been disabled/deleted' },
  VALIDATION_FAILED: { error_code: 'bad-request' },
  ORGANIZATION_REQUIRED: { error_code: 'bad-request' },
  INVALID_ORGANIZATION_HEADER: { error_code: 'bad-request' },
  UNEXPECTED: { error_code: 'internal-error' },
};

export const shape: Shape = (failed, ctx) => {
  const { code, message, cause } = failed;
  const known = DOCUMENTED[cause instanceof UnauthenticatedError ? meaningOf(cause) : code];
  const body = {
    error_code: known?.error_code ?? code.toLowerCase().replaceAll('_', '-'),
    message: known?.message ?? message,
    trace_id: ctx.caller.traceId,
  };
  if (cause instanceof EmailNotVerifiedError) {
    return { status: 401, body: { ...body, extra_attributes: { resend_code: cause.resendCode } } };
  }
  if (cause instanceof SecondFactorRequiredError) {
    const attributes = { challenge_token: cause.challengeToken, methods: factorsOf(cause) };
    return { status: 401, body: { ...body, extra_attributes: attributes } };
  }
  return { status: known?.error_code === 'inactive-account' ? 401 : failed.status, body };
};

/** What a refused bearer token means to a client: refresh it (SESSION_ENDED) or sign in again. */
function meaningOf({ reason }: UnauthenticatedError): Failure['code'] {
  return reason === 'TOKEN_EXPIRED' || reason === 'SESSION_ENDED' ? 'SESSION_ENDED' : 'INVALID_CREDENTIALS';
}

export const TRACE_ID = '2835818043d277b0';
const CODES: Record<number, string> = {
  400: 'bad-request',
  403: 'forbidden',
  405: 'method-not-allowed',
  413: 'too-large',
  429: 'too-many-attempts',
  500: 'internal-error',
  503: 'service-unavailable',
};
export const { failures, always } = failuresOf(OrganizationError, (message, status) => ({
  error_code: message.includes('busy') ? 'service-busy' : (CODES[status] ?? ''),
  message,
  trace_id: TRACE_ID,
}));

/** An example of a documented code. */
export const example = (code: Failure['code']) => {
  const { error_code = '', message = '' } = DOCUMENTED[code] ?? {};
  return { [error_code]: { error_code, message, trace_id: TRACE_ID } };
};

export const ThreeTokens = fields({
  access_token: z.string().openapi({ description: 'For `Authorization: Bearer`; expires after an hour.' }),
  jwt_token: z.string().openapi({ description: 'The same token under its former name.' }),
  refresh_token: z.string().openapi({ description: 'For `POST /auth/refresh-token`; can be used once.' }),
}).openapi('OrganizationTokens');

export const TOKENS = { access_token: 'string', jwt_token: 'string', refresh_token: 'string' };

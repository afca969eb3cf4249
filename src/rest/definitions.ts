/** Building blocks of route definitions: text fields of requests, and answers with their examples. */
import { z } from '@hono/zod-openapi';
import { AccountDeletionPendingError } from '#errors/domain-errors.ts';
import { INVALID_FACTOR, LoginExpiredError, type SecondFactorRequiredError } from '#errors/second-factor-errors.ts';

/** Longer than anything a use case accepts; use cases have stricter limits of their own. */
const MAX_TEXT_LENGTH = 10_000;

/**
 * A text field of a request. Refuses only what no use case should see: other types, NUL (which PostgreSQL cannot
 * store), lone surrogates (which UTF-8 cannot encode) and U+FFFD, which replaces bytes that are not UTF-8: two
 * different passwords with such bytes would become the same text.
 */
export function text(meta: { description: string; example?: string; format?: string }) {
  return z
    .string({ error: ({ input }) => (input === undefined ? 'is required' : 'must be a string') })
    .max(MAX_TEXT_LENGTH, 'is too long')
    .refine((value) => !/[\0\ufffd]/.test(value) && value.isWellFormed(), 'contains characters that are not allowed')
    .openapi(meta);
}

/** The fields of a body. Other fields are ignored. */
export function fields<T extends z.ZodRawShape>(shape: T) {
  return z.object(shape, { error: 'must be an object' });
}

/** What a route that signs in says besides. */
export const LEGACY_PASSWORD_NOTE =
  'In place of the password, a legacy password (`createLegacyPassword`) signs in without a second factor, where LEGACY_PASSWORDS is on. Where SIGN_IN_METHODS does not have `password`, nothing else signs in here.';

/** The second factor, in the body of a second step. */
export const FACTOR_CODE = text({ description: 'Six digits from the authenticator app, or a recovery code.' });

/** A required JSON body. */
export function jsonBody<T extends z.ZodType>(schema: T, example: z.input<T>) {
  return { required: true, content: { 'application/json': { schema, example } } };
}

/** A JSON answer. */
export function answer<T extends z.ZodType>(description: string, schema: T, example: z.input<T>) {
  return { description, content: { 'application/json': { schema, example } } };
}

/** A JSON failure with named examples. */
export function failure<T extends z.ZodType>(description: string, schema: T, examples: Record<string, z.input<T>>) {
  const named = Object.fromEntries(Object.entries(examples).map(([name, value]) => [name, { value }]));
  return { description, content: { 'application/json': { schema, examples: named } } };
}

/** What a refused sign-in says where an account has a second factor, and where the second step came too late. */
export const SECOND_FACTOR_REQUIRED = 'Please confirm with your second factor.';
export const INVALID_CODE = INVALID_FACTOR.totp;
export const LOGIN_EXPIRED = new LoginExpiredError().message;
/** An example of a challenge token. */
export const CHALLENGE = 'Aab4r1c8cZmW3Xq7mUqk0g0dHk9q3lUu4wq2dV6bJwW0yJw1Yb3xkq8n5p7s9t2v';
/** What the person can confirm with, as REST says it. */
export const FACTORS = z.array(z.enum(['totp', 'recovery_code']));

/** The methods of an error in that form. */
export function factorsOf({ methods }: SecondFactorRequiredError): z.infer<typeof FACTORS> {
  return methods.flatMap((method) =>
    method === 'TOTP' ? ['totp' as const] : method === 'RECOVERY_CODE' ? ['recovery_code' as const] : [],
  );
}

/** An example that three APIs show. */
export const DELETION_PENDING = new AccountDeletionPendingError(new Date(0)).message;

const HEADERS: Record<string, Record<string, { description: string; schema: { type: 'string' | 'integer' } }>> = {
  405: { Allow: { description: 'The methods that this path allows.', schema: { type: 'string' } } },
  429: { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } } },
  503: { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } } },
};

/**
 * Documents the failures of an API: for each status, what it means and its messages as examples.
 * @param bodyOf returns the body of a failure in the API's shape
 */
export function failuresOf<T extends z.ZodType>(schema: T, bodyOf: (message: string, status: number) => z.input<T>) {
  const failures = (byStatus: Record<number, [description: string, ...messages: string[]]>) =>
    Object.fromEntries(
      Object.entries(byStatus).map(([status, [description, ...messages]]) => [
        status,
        {
          ...failure(
            description,
            schema,
            Object.fromEntries(messages.map((each) => [each, bodyOf(each, Number(status))])),
          ),
          ...(HEADERS[status] && { headers: HEADERS[status] }),
        },
      ]),
    );
  /** Failures that every route may answer with. */
  const always = failures({
    405: ['The method is not allowed here.', 'This method is not allowed here. See the Allow header.'],
    413: ['The body is larger than 100 kB.', 'The request is too large.'],
    429: ['Too many attempts; see Retry-After.', 'Too many attempts. Please try again in 60 seconds.'],
    500: ['An error in the service; X-Request-Id identifies it in the log.', 'Unexpected error.'],
    503: [
      'Too many passwords are waiting to be checked, or the database cannot be used; see Retry-After.',
      'The service is busy. Please try again shortly.',
      'The service is temporarily unavailable. Please try again shortly.',
    ],
  });
  return { failures, always };
}

/** A time as the documented APIs write it: ISO 8601 in UTC, to the second. */
export function timeOf(moment: Date): string {
  return moment.toISOString().replace(/\.\d+Z$/, 'Z');
}

/** The words that routes are defined with: texts of a request, and answers with their examples. */
import { z } from '@hono/zod-openapi';
import { AccountDeletionPendingError } from '#errors.ts';

/** Longer than anything that is accepted; use cases have limits of their own. */
const MAX_TEXT_LENGTH = 10_000;

/**
 * A text of a request. Only what no use case should ever see is refused here: other types, NUL (which PostgreSQL cannot
 * store), lone surrogates (which no encoding can write), and what is left of bytes that were no UTF-8: of two such
 * passwords nobody could tell one from the other.
 */
export function text(meta: { description: string; example?: string; format?: string }) {
  return z
    .string({ error: ({ input }) => (input === undefined ? 'is required' : 'must be a string') })
    .max(MAX_TEXT_LENGTH, 'is too long')
    .refine((value) => !/[\0\ufffd]/.test(value) && value.isWellFormed(), 'has characters that cannot be accepted')
    .openapi(meta);
}

/** The fields of a body; others are ignored. */
export function fields<T extends z.ZodRawShape>(shape: T) {
  return z.object(shape, { error: 'must be an object' });
}

/** A body that must be there, in JSON. */
export function jsonBody<T extends z.ZodType>(schema: T, example: z.input<T>) {
  return { required: true, content: { 'application/json': { schema, example } } };
}

/** An answer in JSON. */
export function answer<T extends z.ZodType>(description: string, schema: T, example: z.input<T>) {
  return { description, content: { 'application/json': { schema, example } } };
}

/** A failure in JSON, with every example by its name. */
export function failure<T extends z.ZodType>(description: string, schema: T, examples: Record<string, z.input<T>>) {
  const named = Object.fromEntries(Object.entries(examples).map(([name, value]) => [name, { value }]));
  return { description, content: { 'application/json': { schema, examples: named } } };
}

/** An example that three APIs show. */
export const DELETION_PENDING = new AccountDeletionPendingError(new Date(0)).message;

const HEADERS: Record<string, Record<string, { description: string; schema: { type: 'string' | 'integer' } }>> = {
  405: { Allow: { description: 'The methods of this address.', schema: { type: 'string' } } },
  429: { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } } },
  503: { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } } },
};

/**
 * Failures of an API that says little more than a message: status → what it means, and every message as an example.
 * @param bodyOf writes the body as the API's shape does
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
  /** What any route may answer. */
  const always = failures({
    405: ['Another method.', 'This method is not allowed here; Allow names those that are.'],
    413: ['The body is larger than 100 kB.', 'The request is too large.'],
    429: ['Too many attempts; Retry-After says when.', 'Too many attempts. Please try again in 60 s.'],
    500: ['A fault of ours; the header X-Request-Id names it.', 'Unexpected error.'],
    503: ['Too many passwords are waiting; Retry-After says when.', 'The service is busy. Please try again shortly.'],
  });
  return { failures, always };
}

/** A moment as the documents write it: ISO 8601 in UTC, to the second. */
export function timeOf(moment: Date): string {
  return moment.toISOString().replace(/\.\d+Z$/, 'Z');
}

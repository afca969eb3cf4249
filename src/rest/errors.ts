/** From what a use case or the parser of a request throws to a failure that an API gives its documented shape. */
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { DomainError, type ErrorCode, RefusedError, ValidationError } from '#errors.ts';

/** Codes of failures that no use case knows, because they are about the request as such. */
export type RequestFailureCode =
  | RefusedError['code']
  | 'BAD_REQUEST'
  | 'NOT_FOUND'
  | 'METHOD_NOT_ALLOWED'
  | 'TOO_LARGE'
  | 'UNEXPECTED';

/** A failure before it has the shape of an API. `message` is always safe to show. */
export type Failure = {
  code: ErrorCode | RequestFailureCode;
  /** What HTTP says of it; an API whose document has another status for it says so in its shape. */
  status: ContentfulStatusCode;
  message: string;
  /** Seconds, for the Retry-After header. */
  retryAfterSeconds?: number;
  /** What was thrown, for shapes that tell more of one class of errors. */
  cause: unknown;
};

/** All others are 400: something about the input. */
const STATUS: Partial<Record<ErrorCode, ContentfulStatusCode>> = {
  INVALID_CREDENTIALS: 401,
  SESSION_ENDED: 401,
  EMAIL_NOT_VERIFIED: 403,
  ACCOUNT_DISABLED: 403,
  ACCOUNT_DELETION_PENDING: 403,
  TOO_MANY_ATTEMPTS: 429,
  SERVICE_BUSY: 503,
};

const REFUSED: Record<RefusedError['code'], ContentfulStatusCode> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  BAD_REQUEST: 400,
  CSRF_BLOCKED: 403,
};

/** The failure that an error means; `UNEXPECTED` for everything unforeseen, without a word of it. */
export function failureOf(error: unknown): Failure {
  if (error instanceof DomainError) {
    const retryAfterSeconds = 'retryAfterSeconds' in error ? Number(error.retryAfterSeconds) : undefined;
    return {
      code: error.code,
      status: STATUS[error.code] ?? 400,
      message: error instanceof ValidationError ? sentencesOf(error) : error.message,
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      cause: error,
    };
  }
  if (error instanceof RefusedError) {
    return { code: error.code, status: REFUSED[error.code], message: error.message, cause: error };
  }
  if (error instanceof HTTPException && error.status === 413) {
    return { code: 'TOO_LARGE', status: 413, message: 'The request is too large.', cause: error };
  }
  // 415 too: the documents know 400 for every body that cannot be used.
  if (error instanceof HTTPException && error.status < 500) {
    const message = error.status === 415 ? 'The content type of the body is not accepted here.' : error.message;
    return { code: 'BAD_REQUEST', status: 400, message, cause: error };
  }
  return { code: 'UNEXPECTED', status: 500, message: 'Unexpected error.', cause: error };
}

function sentencesOf({ fieldErrors }: ValidationError): string {
  return fieldErrors.map(({ message }) => message).join(' ');
}

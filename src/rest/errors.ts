/** Turns what a use case or the request parser throws into a failure, which each API then puts into its own shape. */
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { DomainError, ValidationError } from '#errors/domain-errors.ts';
import type { ErrorCode } from '#errors/error-codes.ts';
import { isOutage } from '#errors/outage.ts';
import { RefusedError, ServiceUnavailableError } from '#errors/refused-errors.ts';

/** Codes of failures of the request itself, which use cases never see. */
export type RequestFailureCode =
  | RefusedError['code']
  | 'BAD_REQUEST'
  | 'NOT_FOUND'
  | 'METHOD_NOT_ALLOWED'
  | 'TOO_LARGE'
  | 'UNEXPECTED';

/** A failure before an API gives it its shape. `message` is always safe to show. */
export type Failure = {
  code: ErrorCode | RequestFailureCode;
  /** The status that HTTP suggests. An API whose document asks for another one sets it in its shape. */
  status: ContentfulStatusCode;
  message: string;
  /** Seconds, for the Retry-After header. */
  retryAfterSeconds?: number;
  /** What was thrown, for shapes that say more about one class of errors. */
  cause: unknown;
};

/** All other codes are 400: something is wrong with the input. */
const STATUS: Partial<Record<ErrorCode, ContentfulStatusCode>> = {
  INVALID_CREDENTIALS: 401,
  SESSION_ENDED: 401,
  LOGIN_EXPIRED: 401,
  SECOND_FACTOR_REQUIRED: 403,
  EMAIL_NOT_VERIFIED: 403,
  ACCOUNT_DISABLED: 403,
  ACCOUNT_DELETION_PENDING: 403,
  TOO_MANY_ATTEMPTS: 429,
  SERVICE_BUSY: 503,
};

const REFUSED: Record<RefusedError['code'], ContentfulStatusCode> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  CSRF_BLOCKED: 403,
  TOO_MANY_REQUESTS: 429,
  SERVICE_UNAVAILABLE: 503,
};

/**
 * The failure that an error stands for: for an outage `SERVICE_UNAVAILABLE`, for anything else that is unforeseen
 * `UNEXPECTED`, which reveals nothing about it.
 */
export function failureOf(error: unknown): Failure {
  if (error instanceof DomainError) {
    return {
      code: error.code,
      status: STATUS[error.code] ?? 400,
      message: error instanceof ValidationError ? sentencesOf(error) : error.message,
      ...waitOf(error),
      cause: error,
    };
  }
  if (error instanceof RefusedError) {
    return { code: error.code, status: REFUSED[error.code], message: error.message, ...waitOf(error), cause: error };
  }
  if (error instanceof HTTPException && error.status === 413) {
    return { code: 'TOO_LARGE', status: 413, message: 'The request is too large.', cause: error };
  }
  // 415 too: in the documents, every unusable body is a 400.
  if (error instanceof HTTPException && error.status < 500) {
    const message = error.status === 415 ? 'The content type of the body is not accepted here.' : error.message;
    return { code: 'BAD_REQUEST', status: 400, message, cause: error };
  }
  if (isOutage(error)) return failureOf(new ServiceUnavailableError());
  return { code: 'UNEXPECTED', status: 500, message: 'Unexpected error.', cause: error };
}

function waitOf(error: DomainError | RefusedError): Pick<Failure, 'retryAfterSeconds'> {
  return 'retryAfterSeconds' in error ? { retryAfterSeconds: Number(error.retryAfterSeconds) } : {};
}

function sentencesOf({ fieldErrors }: ValidationError): string {
  return fieldErrors.map(({ message }) => message).join(' ');
}

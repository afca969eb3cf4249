/** Requests that are not allowed to run: reported at the top level of the response, never as data. */

export type RefusalCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'CSRF_BLOCKED'
  | 'SERVICE_UNAVAILABLE'
  | 'TOO_MANY_REQUESTS';

/** Why there is no viewer; clients see it in `extensions.reason`. */
export type UnauthenticatedReason = 'TOKEN_MISSING' | 'TOKEN_EXPIRED' | 'TOKEN_INVALID' | 'SESSION_ENDED';

/** A request that is not allowed to run: reported at the top level of the response, never as data. */
export abstract class RefusedError extends Error {
  abstract readonly code: RefusalCode;
}

/** The account has made more changes in a short time than anyone needs to. */
export class TooManyWritesError extends RefusedError {
  readonly code = 'TOO_MANY_REQUESTS';
  readonly retryAfterSeconds: number;
  constructor(retryAfterSeconds: number) {
    super('This account has made too many changes. Please try again later.');
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Why something is forbidden, if the caller can do something about it; clients see it in `extensions.reason`. */
export type ForbiddenReason =
  | 'SECOND_FACTOR_REQUIRED'
  | 'SIGN_IN_METHOD_OFF'
  | 'LEGACY_PASSWORD'
  | 'LEGACY_PASSWORDS_OFF';

const FORBIDDEN: Record<ForbiddenReason, string> = {
  SECOND_FACTOR_REQUIRED: 'You need a second factor to do this. Set one up, or confirm with the one you have.',
  SIGN_IN_METHOD_OFF: 'This way to sign in is not available.',
  LEGACY_PASSWORD: 'This is not allowed in a session that was opened with a legacy password.',
  LEGACY_PASSWORDS_OFF: 'Legacy passwords are not available.',
};

/** The caller is known, but lacks permission. */
export class ForbiddenError extends RefusedError {
  readonly code = 'FORBIDDEN';
  readonly reason: ForbiddenReason | null;
  constructor(reason: ForbiddenReason | null = null) {
    super(reason === null ? 'You are not allowed to do this.' : FORBIDDEN[reason]);
    this.reason = reason;
  }
}

/** Nobody is signed in: the access token is missing, expired, or invalid, or its session has ended. */
export class UnauthenticatedError extends RefusedError {
  readonly code = 'UNAUTHENTICATED';
  readonly reason: UnauthenticatedReason;
  constructor(reason: UnauthenticatedReason) {
    super(reason === 'TOKEN_EXPIRED' ? 'The access token has expired.' : 'Please sign in.');
    this.reason = reason;
  }
}

/**
 * A request that sends or asks for the refresh cookie, or a GET that changes something, may have been made by a page of
 * another site.
 */
export class CsrfError extends RefusedError {
  readonly code = 'CSRF_BLOCKED';
  constructor(
    message = 'Only pages of this service or of CORS_ORIGINS may use the refresh cookie; other clients must send a CSRF header.',
  ) {
    super(message);
  }
}

/** A service failed to authenticate with its client secret; REST only (RFC 6749 section 5.2, `invalid_client`). */
export class InvalidClientError extends RefusedError {
  readonly code = 'UNAUTHENTICATED';
  constructor() {
    super('Unknown client or wrong client secret.');
  }
}

/** Something that the service depends on is unavailable. Nobody knows whether anything was changed. */
export class ServiceUnavailableError extends RefusedError {
  readonly code = 'SERVICE_UNAVAILABLE';
  readonly retryAfterSeconds = 5;
  constructor() {
    super('The service is temporarily unavailable. Please try again shortly.');
  }
}

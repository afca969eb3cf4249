/** Failures that are not data: what the methods of `Auth` throw. Expected failures are members of their results. */

/**
 * The service could not be reached, did not answer in time, or answered with a fault that may pass. Nobody is signed
 * out by it; ask again later.
 */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
}

/** The service refused the request as a whole. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  /** `extensions.code` of the first error, for example `UNAUTHENTICATED` or `FORBIDDEN`. */
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/**
 * The browser did not keep the cookie of a service on another site, because it blocks third-party cookies or the
 * service is not set up for them. The person has been signed out again.
 */
export class CookieBlockedError extends Error {
  override readonly name = 'CookieBlockedError';
}

/**
 * The vocabulary of expected failures.
 *
 * A `DomainError` is an outcome the caller can act on: a literal code, a message that is always safe to show, typed
 * fields. It knows no status and no GraphQL; faces translate. A `RefusedError` is a request that may not run at all.
 * Anything else that is thrown is a fault of ours: logged with its request id and shown as «Unexpected error.»
 */

/** Every code of a UserError, with what it means. Stable: codes are added, never renamed. */
export const ERROR_CODES = {
  VALIDATION_FAILED: 'One or more input fields cannot be accepted; `fieldErrors` names each.',
  INVALID_CREDENTIALS: 'No account with this identifier and password. Says nothing about which of the two is wrong.',
  EMAIL_NOT_VERIFIED: 'The password is right, but the email address has not been verified yet.',
  ACCOUNT_DISABLED: 'The account has been disabled. Told to whoever knows its password, and to administrators.',
  ACCOUNT_DELETION_PENDING:
    'The password is right, but the account is going to be deleted. The mailed link undoes it until `deletesAt`.',
  OWNERSHIP_TRANSFER_REQUIRED: 'The account is the last owner of organizations that have other members.',
  USER_NOT_FOUND: 'No account has this id. Told to administrators only.',
  OWN_ACCOUNT: 'Administrators cannot disable or demote themselves.',
  LAST_ADMIN: 'Nobody else could administer the service any more.',
  EMAIL_TAKEN:
    'The address already has an account. Told where the service is set to reveal accounts, and to whoever has just proven to read the address.',
  INVALID_CODE: 'The code or link is wrong, expired, used or replaced by a newer one. One answer for all of these.',
  INVALID_INVITATION:
    'The invitation cannot be used: wrong, used, declined, revoked, renewed, expired, or for another address. One answer for all of these.',
  REAUTHENTICATION_REQUIRED: 'The last proof of who you are is too old for this; `reauthenticate` and try again.',
  LAST_OWNER: 'The organization would be left without an owner.',
  GROUP_NOT_EMPTY: 'The group still has organizations.',
  LIMIT_REACHED: 'There are as many of these as there may be: `limit`.',
  SESSION_NOT_FOUND: 'The viewer has no live session with this id.',
  SESSION_ENDED: 'The session has ended: logged out, expired, revoked, or its refresh token was used twice.',
  TOO_MANY_ATTEMPTS: 'Too many attempts; try again after `retryAfterSeconds`.',
  SERVICE_BUSY: 'More passwords are waiting to be checked than the service can handle; try again shortly.',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Every code of a field error, with what it means. */
export const FIELD_ERROR_CODES = {
  REQUIRED: 'The field is missing or empty.',
  TOO_SHORT: 'The value is too short.',
  TOO_LONG: 'The value is too long.',
  INVALID_FORMAT: 'The value does not have the expected form.',
  INVALID_CHARACTERS: 'The value holds characters that cannot be accepted.',
  TOO_COMMON: 'The password is among those that attackers try first.',
  CONTAINS_PERSONAL_DATA: 'The password is made of the name or an identifier of the account.',
  ALREADY_TAKEN: 'Somebody else uses this value.',
  ALREADY_MEMBER: 'Whoever this is belongs to the organization already.',
  NOT_ALLOWED: 'The value may not be chosen here.',
} as const;

export type FieldErrorCode = keyof typeof FIELD_ERROR_CODES;
export type FieldError = { path: readonly string[]; code: FieldErrorCode; message: string };

export abstract class DomainError extends Error {
  abstract readonly code: ErrorCode;
}

export class ValidationError extends DomainError {
  readonly code = 'VALIDATION_FAILED';
  readonly fieldErrors: readonly FieldError[];
  constructor(fieldErrors: readonly FieldError[]) {
    super('Please correct the marked fields.');
    this.fieldErrors = fieldErrors;
  }
}

export class InvalidCredentialsError extends DomainError {
  readonly code = 'INVALID_CREDENTIALS';
  constructor() {
    super('Identifier or password is wrong.');
  }
}

export class EmailNotVerifiedError extends DomainError {
  readonly code = 'EMAIL_NOT_VERIFIED';
  readonly email: string;
  readonly resendAvailableAt: Date;
  /** Asks for the email again without naming the address. */
  readonly resendCode: string;
  constructor(email: string, resendAvailableAt: Date, resendCode: string) {
    super('Please verify your email address before logging in.');
    this.email = email;
    this.resendAvailableAt = resendAvailableAt;
    this.resendCode = resendCode;
  }
}

export class AccountDisabledError extends DomainError {
  readonly code = 'ACCOUNT_DISABLED';
  constructor() {
    super('This account has been disabled.');
  }
}

export class AccountDeletionPendingError extends DomainError {
  readonly code = 'ACCOUNT_DELETION_PENDING';
  readonly deletesAt: Date;
  constructor(deletesAt: Date) {
    super('This account is going to be deleted. The link in the email about it keeps the account.');
    this.deletesAt = deletesAt;
  }
}

export class OwnershipTransferRequiredError extends DomainError {
  readonly code = 'OWNERSHIP_TRANSFER_REQUIRED';
  readonly organizationIds: readonly string[];
  constructor(organizationIds: readonly string[]) {
    super('You are the last owner of organizations that have other members. Make somebody else an owner first.');
    this.organizationIds = organizationIds;
  }
}

export class UserNotFoundError extends DomainError {
  readonly code = 'USER_NOT_FOUND';
  constructor() {
    super('There is no such user.');
  }
}

export class OwnAccountError extends DomainError {
  readonly code = 'OWN_ACCOUNT';
  constructor() {
    super('You cannot do this to your own account. Ask another administrator.');
  }
}

export class LastAdminError extends DomainError {
  readonly code = 'LAST_ADMIN';
  constructor() {
    super('This is the last administrator. Make somebody else one first.');
  }
}

export class EmailTakenError extends DomainError {
  readonly code = 'EMAIL_TAKEN';
  constructor() {
    super('This email address already has an account.');
  }
}

export class InvalidCodeError extends DomainError {
  readonly code = 'INVALID_CODE';
  constructor() {
    super('This code or link is not valid. It may have expired, been used or been replaced by a newer one.');
  }
}

export class InvalidInvitationError extends DomainError {
  readonly code = 'INVALID_INVITATION';
  constructor() {
    super(
      'This invitation cannot be used. It may have expired, been answered, revoked or replaced by a newer one, or be for another address than that of this account.',
    );
  }
}

export class ReauthenticationRequiredError extends DomainError {
  readonly code = 'REAUTHENTICATION_REQUIRED';
  constructor() {
    super('Please confirm who you are and try again.');
  }
}

export class LastOwnerError extends DomainError {
  readonly code = 'LAST_OWNER';
  constructor() {
    super('An organization needs an owner. Make somebody else an owner first.');
  }
}

export class GroupNotEmptyError extends DomainError {
  readonly code = 'GROUP_NOT_EMPTY';
  constructor() {
    super('This group still has organizations.');
  }
}

export class LimitReachedError extends DomainError {
  readonly code = 'LIMIT_REACHED';
  readonly limit: number;
  constructor(limit: number) {
    super(`There can be no more than ${limit} of these.`);
    this.limit = limit;
  }
}

export class SessionEndedError extends DomainError {
  readonly code = 'SESSION_ENDED';
  constructor() {
    super('This session has ended. Please log in again.');
  }
}

export class SessionNotFoundError extends DomainError {
  readonly code = 'SESSION_NOT_FOUND';
  constructor() {
    super('You have no such session. It may have ended already.');
  }
}

export class TooManyAttemptsError extends DomainError {
  readonly code = 'TOO_MANY_ATTEMPTS';
  readonly retryAfterSeconds: number;
  constructor(retryAfterSeconds: number) {
    super(`Too many attempts. Please try again in ${retryAfterSeconds} s.`);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export class ServiceBusyError extends DomainError {
  readonly code = 'SERVICE_BUSY';
  readonly retryAfterSeconds: number;
  constructor(retryAfterSeconds: number) {
    super('The service is busy. Please try again shortly.');
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Why there is no viewer, as in `extensions.reason`. */
export type UnauthenticatedReason = 'TOKEN_MISSING' | 'TOKEN_EXPIRED' | 'TOKEN_INVALID' | 'SESSION_ENDED';

/** A request that may not run: told at the top level of an answer, never as data. */
export abstract class RefusedError extends Error {
  abstract readonly code: 'UNAUTHENTICATED' | 'FORBIDDEN' | 'BAD_REQUEST' | 'CSRF_BLOCKED';
}

/** We know who asks, and they may not. */
export class ForbiddenError extends RefusedError {
  readonly code = 'FORBIDDEN';
  constructor() {
    super('You may not do this.');
  }
}

export class UnauthenticatedError extends RefusedError {
  readonly code = 'UNAUTHENTICATED';
  readonly reason: UnauthenticatedReason;
  constructor(reason: UnauthenticatedReason) {
    super(reason === 'TOKEN_EXPIRED' ? 'The access token has expired.' : 'Please log in.');
    this.reason = reason;
  }
}

/** The request itself makes no sense, whoever sends it; the message says what to fix. */
export class BadRequestError extends RefusedError {
  readonly code = 'BAD_REQUEST';
}

/** The refresh cookie came, or was asked for, with a request that a page of another site may have made. */
export class CsrfError extends RefusedError {
  readonly code = 'CSRF_BLOCKED';
  constructor() {
    super('The refresh cookie is for pages of this service and of CORS_ORIGINS. Other clients send a CSRF header.');
  }
}

/** A service that shows no client secret of ours; REST only (RFC 6749 section 5.2, `invalid_client`). */
export class InvalidClientError extends RefusedError {
  readonly code = 'UNAUTHENTICATED';
  constructor() {
    super('The client is not known, or its secret is wrong.');
  }
}

/** Something an operator has to fix before the process can run; the message is all there is to say about it. */
export class OperatorError extends Error {}

/** What to tell an operator: one line for what they can mend, everything about what they cannot. */
export function explain(error: unknown): string {
  return error instanceof OperatorError ? error.message : ((error as Error).stack ?? String(error));
}

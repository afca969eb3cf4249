/**
 * The vocabulary of expected failures.
 *
 * A `DomainError` is an outcome the caller can act on: a literal code, a message that is always safe to show, and typed
 * fields. It knows nothing of HTTP statuses or GraphQL; the faces translate it. A `RefusedError` is a request that is
 * not allowed to run at all. Anything else that is thrown is a bug: it is logged with its request id and shown as
 * "Unexpected error."
 */

/** Every code of a UserError, and what its failure means. Stable: codes are added, never renamed. */
export const ERROR_CODES = {
  VALIDATION_FAILED: 'One or more input fields are not valid; `fieldErrors` lists each problem. Nothing was changed.',
  INVALID_CREDENTIALS: 'No account has this identifier and password. Does not reveal which of the two is wrong.',
  EMAIL_NOT_VERIFIED:
    'The password is correct, but the email address has not been verified yet. Offer `resendVerification`.',
  ACCOUNT_DISABLED:
    'The account has been disabled. Revealed only to someone who knows its password and to administrators.',
  ACCOUNT_DELETION_PENDING:
    'The password is correct, but the account is scheduled for deletion. The link in the email undoes it until `deletesAt`.',
  OWNERSHIP_TRANSFER_REQUIRED:
    'The viewer is the last owner of organizations that have other members. Make someone else an owner first.',
  USER_NOT_FOUND: 'No account has this id. Revealed to administrators only.',
  OWN_ACCOUNT: 'Administrators cannot disable or demote themselves; another administrator has to.',
  LAST_ADMIN: 'The service would be left without an administrator. Make someone else an administrator first.',
  EMAIL_TAKEN:
    'The email address already has an account. Revealed where the service runs with ACCOUNT_DISCOVERY=reveal, and to someone who has just verified the address.',
  INVALID_CODE: 'The code or link is wrong, expired, used, or replaced by a newer one. The answer is the same for all.',
  INVALID_INVITATION:
    'The invitation cannot be used: it is wrong, used, declined, revoked, replaced, expired, or for a different email address. The answer is the same for all.',
  REAUTHENTICATION_REQUIRED: 'The last sign-in is too old for this action; call `reauthenticate` and try again.',
  LAST_OWNER:
    'The organization would be left without an owner: the last one cannot leave, be removed, or get a lower role. Nothing was changed.',
  GROUP_NOT_EMPTY: 'The group still contains organizations. Nothing was changed.',
  LIMIT_REACHED: 'The maximum number, `limit`, has been reached. Nothing was changed.',
  ORGANIZATION_REQUIRED:
    'The viewer does not belong to exactly one organization, and the request does not say which one is meant. Pass `organizationId` or send the header `X-Organization-Id`.',
  INVALID_ORGANIZATION_HEADER:
    '`X-Organization-Id` holds something other than one UUID. Nothing was changed. A UUID of an organization the viewer may not act in is FORBIDDEN instead.',
  SESSION_NOT_FOUND:
    'The viewer has no active session with this id. Does not reveal whether someone else has such a session.',
  SESSION_ENDED:
    'The session has ended: signed out, expired, revoked, or its refresh token was used twice. Forget its tokens and ask for a new sign-in.',
  TOO_MANY_ATTEMPTS:
    'Too many attempts by this account, address, or network. Nothing was checked; try again after `retryAfterSeconds`.',
  SERVICE_BUSY:
    'More passwords are waiting to be checked than the service can handle. Nothing was checked or counted; try again shortly.',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Every code of a field error and its meaning. */
export const FIELD_ERROR_CODES = {
  REQUIRED: 'The field is missing or empty.',
  TOO_SHORT: 'The value has fewer characters than required.',
  TOO_LONG: 'The value has more characters than allowed.',
  INVALID_FORMAT: 'The value does not have the expected format.',
  INVALID_CHARACTERS: 'The value contains characters that are not allowed.',
  TOO_COMMON: 'The password is one of those that attackers try first.',
  CONTAINS_PERSONAL_DATA: 'The password consists of the name or an identifier of the account.',
  ALREADY_TAKEN: 'The value is already in use.',
  ALREADY_MEMBER: 'This person already belongs to the organization.',
  NOT_ALLOWED: 'The value is not allowed here.',
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
    super('Please correct the highlighted fields.');
    this.fieldErrors = fieldErrors;
  }
}

export class InvalidCredentialsError extends DomainError {
  readonly code = 'INVALID_CREDENTIALS';
  constructor() {
    super('The identifier or password is incorrect.');
  }
}

export class EmailNotVerifiedError extends DomainError {
  readonly code = 'EMAIL_NOT_VERIFIED';
  readonly email: string;
  readonly resendAvailableAt: Date;
  /** Requests the email again without naming the address. */
  readonly resendCode: string;
  constructor(email: string, resendAvailableAt: Date, resendCode: string) {
    // One of the REST APIs documents exactly this sentence.
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
    super('This account is scheduled for deletion. Use the link in the email to keep it.');
    this.deletesAt = deletesAt;
  }
}

export class OwnershipTransferRequiredError extends DomainError {
  readonly code = 'OWNERSHIP_TRANSFER_REQUIRED';
  readonly organizationIds: readonly string[];
  constructor(organizationIds: readonly string[]) {
    super('You are the last owner of organizations that have other members. Make someone else an owner first.');
    this.organizationIds = organizationIds;
  }
}

export class UserNotFoundError extends DomainError {
  readonly code = 'USER_NOT_FOUND';
  constructor() {
    super('User not found.');
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
    super('This is the last administrator. Make someone else an administrator first.');
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
    super('This code or link is not valid. It may have expired, been used, or been replaced by a newer one.');
  }
}

export class InvalidInvitationError extends DomainError {
  readonly code = 'INVALID_INVITATION';
  constructor() {
    super(
      'This invitation cannot be used. It may have expired, been answered, revoked, or replaced by a newer one, or be meant for a different email address.',
    );
  }
}

export class ReauthenticationRequiredError extends DomainError {
  readonly code = 'REAUTHENTICATION_REQUIRED';
  constructor() {
    super('Please confirm your identity and try again.');
  }
}

export class LastOwnerError extends DomainError {
  readonly code = 'LAST_OWNER';
  constructor() {
    super('An organization needs an owner. Make someone else an owner first.');
  }
}

export class GroupNotEmptyError extends DomainError {
  readonly code = 'GROUP_NOT_EMPTY';
  constructor() {
    super('This group still contains organizations.');
  }
}

export class LimitReachedError extends DomainError {
  readonly code = 'LIMIT_REACHED';
  readonly limit: number;
  constructor(limit: number) {
    super(`You have reached the limit of ${limit}.`);
    this.limit = limit;
  }
}

/** @param header the name of the header, which is a setting */
export class OrganizationRequiredError extends DomainError {
  readonly code = 'ORGANIZATION_REQUIRED';
  constructor(header: string) {
    super(`Choose an organization with organizationId or the header ${header}.`);
  }
}

export class InvalidOrganizationHeaderError extends DomainError {
  readonly code = 'INVALID_ORGANIZATION_HEADER';
  constructor() {
    super('The organization header must contain the UUID of one organization.');
  }
}

export class SessionEndedError extends DomainError {
  readonly code = 'SESSION_ENDED';
  constructor() {
    super('This session has ended. Please sign in again.');
  }
}

export class SessionNotFoundError extends DomainError {
  readonly code = 'SESSION_NOT_FOUND';
  constructor() {
    super('Session not found. It may have already ended.');
  }
}

export class TooManyAttemptsError extends DomainError {
  readonly code = 'TOO_MANY_ATTEMPTS';
  readonly retryAfterSeconds: number;
  constructor(retryAfterSeconds: number) {
    super(
      `Too many attempts. Please try again in ${retryAfterSeconds} ${retryAfterSeconds === 1 ? 'second' : 'seconds'}.`,
    );
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

/** Why there is no viewer; clients see it in `extensions.reason`. */
export type UnauthenticatedReason = 'TOKEN_MISSING' | 'TOKEN_EXPIRED' | 'TOKEN_INVALID' | 'SESSION_ENDED';

/** A request that is not allowed to run: reported at the top level of the response, never as data. */
export abstract class RefusedError extends Error {
  abstract readonly code: 'UNAUTHENTICATED' | 'FORBIDDEN' | 'CSRF_BLOCKED';
}

/** The caller is known, but lacks permission. */
export class ForbiddenError extends RefusedError {
  readonly code = 'FORBIDDEN';
  constructor() {
    super('You are not allowed to do this.');
  }
}

export class UnauthenticatedError extends RefusedError {
  readonly code = 'UNAUTHENTICATED';
  readonly reason: UnauthenticatedReason;
  constructor(reason: UnauthenticatedReason) {
    super(reason === 'TOKEN_EXPIRED' ? 'The access token has expired.' : 'Please sign in.');
    this.reason = reason;
  }
}

/** A request that sends or asks for the refresh cookie may have been made by a page of another site. */
export class CsrfError extends RefusedError {
  readonly code = 'CSRF_BLOCKED';
  constructor() {
    super(
      'Only pages of this service or of CORS_ORIGINS may use the refresh cookie; other clients must send a CSRF header.',
    );
  }
}

/** A service failed to authenticate with its client secret; REST only (RFC 6749 section 5.2, `invalid_client`). */
export class InvalidClientError extends RefusedError {
  readonly code = 'UNAUTHENTICATED';
  constructor() {
    super('Unknown client or wrong client secret.');
  }
}

/** Something an operator has to fix before the process can run; the message says everything they need to know. */
export class OperatorError extends Error {}

/** What to tell an operator: one line for what they can fix, the whole stack trace for anything else. */
export function explain(error: unknown): string {
  return error instanceof OperatorError ? error.message : ((error as Error).stack ?? String(error));
}

/**
 * The vocabulary of expected failures.
 *
 * A `DomainError` is an outcome the caller can act on: a literal code, a message that is always safe to show, and typed
 * fields; the faces translate it. A `RefusedError` is a request that is not allowed to run at all. Anything else that
 * is thrown is an outage (outage.ts) or a bug, which is logged with its request id and shown as "Unexpected error."
 */
import type { ErrorCode, FieldErrorCode } from './error-codes.ts';
import type { RefusalCode } from './refusal-code.ts';

export type FieldError = { path: readonly string[]; code: FieldErrorCode; message: string };

/** A second factor that a person can confirm a sign-in with. */
export type SecondFactorMethod = 'TOTP' | 'PASSKEY' | 'RECOVERY_CODE';
/** Whatever can show that the person who uses a session is still the same. */
export type ProofMethod = SecondFactorMethod | 'PASSWORD' | 'EMAIL' | 'PROVIDER';

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
  /** What would do; at least one. */
  readonly methods: readonly ProofMethod[];
  /** How recent it must be. */
  readonly maxAgeSeconds: number;
  constructor(methods: readonly ProofMethod[], maxAgeSeconds: number) {
    super('Please confirm your identity and try again.');
    this.methods = methods;
    this.maxAgeSeconds = maxAgeSeconds;
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
  /** Waiting takes very long; an email to the owner ends it: a sign-in by email, or a new password. */
  readonly requiresEmailProof: boolean;
  constructor(retryAfterSeconds: number, { requiresEmailProof = false } = {}) {
    super(
      requiresEmailProof
        ? 'Too many wrong passwords from unknown devices. Please sign in by email, or reset your password.'
        : `Too many attempts. Please try again in ${retryAfterSeconds} ${retryAfterSeconds === 1 ? 'second' : 'seconds'}.`,
    );
    this.retryAfterSeconds = retryAfterSeconds;
    this.requiresEmailProof = requiresEmailProof;
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
  abstract readonly code: RefusalCode;
}

/** The account has changed more than anyone needs to, for the moment. */
export class TooManyWritesError extends RefusedError {
  readonly code = 'TOO_MANY_REQUESTS';
  readonly retryAfterSeconds: number;
  constructor(retryAfterSeconds: number) {
    super('This account has made too many changes. Please try again later.');
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Why something is forbidden that the caller can do something about; clients see it in `extensions.reason`. */
export type ForbiddenReason =
  | 'SECOND_FACTOR_REQUIRED'
  | 'SIGN_IN_METHOD_OFF'
  | 'LEGACY_PASSWORD'
  | 'LEGACY_PASSWORDS_OFF';

const FORBIDDEN: Record<ForbiddenReason, string> = {
  SECOND_FACTOR_REQUIRED: 'You need a second factor to do this. Set one up, or confirm with the one you have.',
  SIGN_IN_METHOD_OFF: 'This way to sign in is not available.',
  LEGACY_PASSWORD: 'Not in a session that a legacy password opened.',
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

/** Something an operator has to fix before the process can run; the message says everything they need to know. */
export class OperatorError extends Error {}

/** What to tell an operator: one line for what they can fix, the whole stack trace for anything else. */
export function explain(error: unknown): string {
  return error instanceof OperatorError ? error.message : ((error as Error).stack ?? String(error));
}

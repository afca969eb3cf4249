/**
 * Expected failures of use cases. A `DomainError` is an outcome the caller can act on: a literal code (error-codes.ts
 * says what each means), a message that is always safe to show, and typed fields; the faces translate it.
 *
 * A request that is not allowed to run at all fails with a `RefusedError` (refused-errors.ts). Anything else that is
 * thrown is an outage (outage.ts) or a bug, which is logged with its request id and shown as "Unexpected error."
 */
import type { ErrorCode, FieldErrorCode } from './error-codes.ts';

/** One problem of one input field. The message is safe to show. */
export type FieldError = { path: readonly string[]; code: FieldErrorCode; message: string };

/** A second factor that a person can confirm a sign-in with. */
export type SecondFactorMethod = 'TOTP' | 'PASSKEY' | 'RECOVERY_CODE';
/** Every way to show that the person who uses a session is still the one who signed in. */
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
  constructor(
    message = 'This code or link is not valid. It may have expired, been used, or been replaced by a newer one.',
  ) {
    super(message);
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
  /** The ways to confirm the identity; at least one. */
  readonly methods: readonly ProofMethod[];
  /** How recent the proof must be. */
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

export class OrganizationRequiredError extends DomainError {
  readonly code = 'ORGANIZATION_REQUIRED';
  /** @param header the name of the header, which is a setting */
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
  /** The wait is very long, and an email to the owner ends it: a sign-in by email, or a password reset. */
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

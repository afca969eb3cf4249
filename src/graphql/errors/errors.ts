/** The expected failures of `#errors/` as GraphQL types, and the unions that mutations answer with. */
import type { FieldMap, ObjectRef } from '@pothos/core';
import {
  AccountDeletionPendingError,
  AccountDisabledError,
  DomainError,
  EmailNotVerifiedError,
  EmailTakenError,
  type FieldError,
  GroupNotEmptyError,
  InvalidCodeError,
  InvalidCredentialsError,
  InvalidInvitationError,
  InvalidOrganizationHeaderError,
  LastAdminError,
  LastOwnerError,
  LimitReachedError,
  OrganizationRequiredError,
  OwnAccountError,
  OwnershipTransferRequiredError,
  type ProofMethod,
  ReauthenticationRequiredError,
  type SecondFactorMethod,
  ServiceBusyError,
  SessionEndedError,
  SessionNotFoundError,
  TooManyAttemptsError,
  UserNotFoundError,
  ValidationError,
} from '#errors/domain-errors.ts';
import { ERROR_CODES, FIELD_ERROR_CODES } from '#errors/error-codes.ts';
import {
  LoginExpiredError,
  PasskeyRejectedError,
  SecondFactorNotSetUpError,
  SecondFactorRequiredError,
} from '#errors/second-factor-errors.ts';
import { type BuilderTypes, builder } from '#graphql/builder.ts';

const ErrorCodeEnum = builder.enumType('ErrorCode', {
  description: 'What happened, for programs. Codes are added over time and never renamed.',
  values: Object.fromEntries(
    Object.entries(ERROR_CODES).map(([code, description]) => [code, { description }]),
  ) as Record<keyof typeof ERROR_CODES, { description: string }>,
});

const FieldErrorCodeEnum = builder.enumType('FieldErrorCode', {
  description: 'What is wrong with one input field, for programs.',
  values: Object.fromEntries(
    Object.entries(FIELD_ERROR_CODES).map(([code, description]) => [code, { description }]),
  ) as Record<keyof typeof FIELD_ERROR_CODES, { description: string }>,
});

const FieldErrorObject = builder.objectRef<FieldError>('FieldError').implement({
  description: 'What is wrong with one input field.',
  fields: (t) => ({
    path: t.exposeStringList('path', { description: 'Where the field is, from `input` down.' }),
    code: t.expose('code', { type: FieldErrorCodeEnum, description: 'What is wrong, for programs.' }),
    message: t.exposeString('message', { description: 'What is wrong, for people; safe to show.' }),
  }),
});

export const SecondFactorMethodEnum = builder.enumType('SecondFactorMethod', {
  description: 'A second factor that confirms a sign-in.',
  values: {
    TOTP: { description: 'A six-digit code from an authenticator app (RFC 6238).' },
    PASSKEY: { description: 'Reserved: passkeys are not taken yet.' },
    RECOVERY_CODE: { description: 'One of the ten single-use codes that the person has kept.' },
  } as const satisfies Record<SecondFactorMethod, object>,
});

const ProofMethodEnum = builder.enumType('ProofMethod', {
  description: 'A way to show that the person who uses a session is still the same.',
  values: {
    PASSWORD: { description: 'What `login` takes as well; wrong ones count toward the same limit.' },
    TOTP: { description: 'A six-digit code from an authenticator app.' },
    PASSKEY: { description: 'Reserved: passkeys are not taken yet.' },
    RECOVERY_CODE: { description: 'A single-use code that was kept for a lost phone.' },
    EMAIL: { description: 'A code or link from an email: the account has nothing else.' },
    PROVIDER: { description: 'Reserved: there are no other providers yet.' },
  } as const satisfies Record<ProofMethod, object>,
});

const UserErrorInterface = builder.interfaceRef<DomainError>('UserError').implement({
  description:
    'An expected failure. Select `... on UserError { code message }` to handle every one, also those added later.',
  fields: (t) => ({
    code: t.expose('code', { type: ErrorCodeEnum, description: 'Stable and machine-readable.' }),
    message: t.exposeString('message', { description: 'Safe to show.' }),
  }),
});

type Failure<E extends DomainError> = abstract new (...args: never[]) => E;
type FailureFields<E extends DomainError> = (t: PothosSchemaTypes.ObjectFieldBuilder<BuilderTypes, E>) => FieldMap;

/** A failure of the vocabulary as a type of the schema: its code and message, and the fields that only it has. */
function failureType<E extends DomainError>(failure: Failure<E>, code: E['code'], fields?: FailureFields<E>) {
  builder.objectType(failure as new (...args: unknown[]) => E, {
    name: failure.name,
    description: ERROR_CODES[code],
    // Pothos cannot resolve its conditional types for a generic class; the bounds of this function stand in for them.
    interfaces: [UserErrorInterface] as never,
    ...(fields && { fields: fields as never }),
  });
}

failureType(ValidationError, 'VALIDATION_FAILED', (t) => ({
  fieldErrors: t.expose('fieldErrors', {
    type: [FieldErrorObject],
    description: 'One entry for each problem, at least one.',
  }),
}));
failureType(InvalidCredentialsError, 'INVALID_CREDENTIALS');
failureType(EmailNotVerifiedError, 'EMAIL_NOT_VERIFIED', (t) => ({
  email: t.exposeString('email', { description: 'The address that waits to be verified.' }),
  resendAvailableAt: t.expose('resendAvailableAt', {
    type: 'DateTime',
    description: 'When another email can be requested.',
  }),
}));
failureType(AccountDisabledError, 'ACCOUNT_DISABLED');
failureType(AccountDeletionPendingError, 'ACCOUNT_DELETION_PENDING', (t) => ({
  deletesAt: t.expose('deletesAt', { type: 'DateTime', description: 'Until when the deletion can be undone.' }),
}));
failureType(OwnershipTransferRequiredError, 'OWNERSHIP_TRANSFER_REQUIRED', (t) => ({
  organizationIds: t.exposeIDList('organizationIds', {
    description: 'UUIDs of the organizations that need another owner first.',
  }),
}));
failureType(UserNotFoundError, 'USER_NOT_FOUND');
failureType(OwnAccountError, 'OWN_ACCOUNT');
failureType(LastAdminError, 'LAST_ADMIN');
failureType(EmailTakenError, 'EMAIL_TAKEN');
failureType(InvalidCodeError, 'INVALID_CODE');
failureType(InvalidInvitationError, 'INVALID_INVITATION');
failureType(ReauthenticationRequiredError, 'REAUTHENTICATION_REQUIRED', (t) => ({
  methods: t.expose('methods', {
    type: [ProofMethodEnum],
    description: 'What `reauthenticate` takes for this action. EMAIL means: sign in again, or set a password.',
  }),
  maxAgeSeconds: t.exposeInt('maxAgeSeconds', { description: 'How old the proof can be (REAUTHENTICATION_WINDOW).' }),
}));
failureType(SecondFactorRequiredError, 'SECOND_FACTOR_REQUIRED', (t) => ({
  challengeToken: t.exposeString('challengeToken', {
    description: 'Continues this sign-in in `confirmLogin`. Keep it in memory; it opens nothing by itself.',
  }),
  methods: t.expose('methods', {
    type: [SecondFactorMethodEnum],
    description: 'What the person can confirm with, the usual one first.',
  }),
  expiresAt: t.expose('expiresAt', {
    type: 'DateTime',
    description: 'When the sign-in has to start again. Five wrong codes end it earlier.',
  }),
}));
failureType(SecondFactorNotSetUpError, 'SECOND_FACTOR_NOT_SET_UP');
failureType(LoginExpiredError, 'LOGIN_EXPIRED');
failureType(PasskeyRejectedError, 'PASSKEY_REJECTED');
failureType(LastOwnerError, 'LAST_OWNER');
failureType(GroupNotEmptyError, 'GROUP_NOT_EMPTY');
failureType(LimitReachedError, 'LIMIT_REACHED', (t) => ({
  limit: t.exposeInt('limit', { description: 'How many the account or organization can have.' }),
}));
failureType(OrganizationRequiredError, 'ORGANIZATION_REQUIRED');
failureType(InvalidOrganizationHeaderError, 'INVALID_ORGANIZATION_HEADER');
failureType(SessionEndedError, 'SESSION_ENDED');
failureType(SessionNotFoundError, 'SESSION_NOT_FOUND');
failureType(TooManyAttemptsError, 'TOO_MANY_ATTEMPTS', (t) => ({
  retryAfterSeconds: t.exposeInt('retryAfterSeconds', { description: 'Seconds to wait before trying again.' }),
  requiresEmailProof: t.exposeBoolean('requiresEmailProof', {
    description:
      'True if too many wrong passwords came from unknown devices: then `loginWithEmail` or `resetPassword` signs ' +
      'in at once, instead of a long wait. The password keeps working on known devices.',
  }),
}));
failureType(ServiceBusyError, 'SERVICE_BUSY', (t) => ({
  retryAfterSeconds: t.exposeInt('retryAfterSeconds', { description: 'Seconds to wait before trying again.' }),
}));

/** A class of every failure there is; Pothos asks for one that can be made, and never makes it. */
const AnyDomainError = DomainError as typeof DomainError & (new () => DomainError);

builder.objectType(AnyDomainError, {
  name: 'OtherError',
  description:
    'An expected failure without a type of its own in this union; `code` says which one it is. It is a member of every ' +
    'union, so that `... on UserError` is valid on every mutation.',
  interfaces: [UserErrorInterface],
});

type DomainErrorClass = abstract new (...args: never[]) => DomainError;

/**
 * The union a mutation answers with: its one success, the failures it lists, and OtherError for any other DomainError.
 * Whatever else it throws is masked.
 */
export function resultUnion<Success extends object>(
  name: string,
  success: ObjectRef<BuilderTypes, Success>,
  errors: readonly DomainErrorClass[],
) {
  return builder.errorUnion(name, {
    description: `\`${success.name}\`, or the failure that prevented it. All failures implement \`UserError\`.`,
    types: [success, ...(errors as never[]), AnyDomainError as never],
    resolveType: () => success.name,
  });
}

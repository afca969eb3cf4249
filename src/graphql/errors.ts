/** The expected failures of `#errors.ts` as GraphQL types, and the unions that mutations answer with. */
import type { ObjectRef } from '@pothos/core';
import {
  AccountDeletionPendingError,
  AccountDisabledError,
  DomainError,
  EmailNotVerifiedError,
  EmailTakenError,
  ERROR_CODES,
  FIELD_ERROR_CODES,
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
  ReauthenticationRequiredError,
  ServiceBusyError,
  SessionEndedError,
  SessionNotFoundError,
  TooManyAttemptsError,
  UserNotFoundError,
  ValidationError,
} from '#errors.ts';
import { type BuilderTypes, builder } from './builder.ts';

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

const UserErrorInterface = builder.interfaceRef<DomainError>('UserError').implement({
  description:
    'An expected failure. Select `... on UserError { code message }` to handle every one, also those added later.',
  fields: (t) => ({
    code: t.expose('code', { type: ErrorCodeEnum, description: 'Stable and machine-readable.' }),
    message: t.exposeString('message', { description: 'Safe to show.' }),
  }),
});

builder.objectType(ValidationError, {
  name: 'ValidationError',
  description: 'Some input cannot be accepted. Nothing was changed.',
  interfaces: [UserErrorInterface],
  fields: (t) => ({
    fieldErrors: t.expose('fieldErrors', {
      type: [FieldErrorObject],
      description: 'One entry for each problem, at least one.',
    }),
  }),
});

builder.objectType(InvalidCredentialsError, {
  name: 'InvalidCredentialsError',
  description: 'Unknown identifier or wrong password; deliberately not told apart.',
  interfaces: [UserErrorInterface],
});

builder.objectType(EmailNotVerifiedError, {
  name: 'EmailNotVerifiedError',
  description: 'The password is right, but the address is not verified. Offer `resendVerification`.',
  interfaces: [UserErrorInterface],
  fields: (t) => ({
    email: t.exposeString('email', { description: 'The address that waits to be verified.' }),
    resendAvailableAt: t.expose('resendAvailableAt', {
      type: 'DateTime',
      description: 'When another email may be asked for.',
    }),
  }),
});

builder.objectType(AccountDisabledError, {
  name: 'AccountDisabledError',
  description: 'The account is disabled. Told only to someone who knows its password, and to administrators.',
  interfaces: [UserErrorInterface],
});

builder.objectType(AccountDeletionPendingError, {
  name: 'AccountDeletionPendingError',
  description: 'The password is right, but the owner asked for the account to be deleted. The mailed link undoes it.',
  interfaces: [UserErrorInterface],
  fields: (t) => ({
    deletesAt: t.expose('deletesAt', { type: 'DateTime', description: 'Until when it can be undone.' }),
  }),
});

builder.objectType(OwnershipTransferRequiredError, {
  name: 'OwnershipTransferRequiredError',
  description:
    'The viewer is the last owner of organizations that have other members. Make someone else an owner first.',
  interfaces: [UserErrorInterface],
  fields: (t) => ({
    organizationIds: t.exposeIDList('organizationIds', {
      description: 'UUIDs of the organizations that need another owner first.',
    }),
  }),
});

builder.objectType(UserNotFoundError, {
  name: 'UserNotFoundError',
  description: 'No account has this id. Told to administrators only.',
  interfaces: [UserErrorInterface],
});

builder.objectType(OwnAccountError, {
  name: 'OwnAccountError',
  description: 'Administrators cannot disable or demote themselves; another one has to.',
  interfaces: [UserErrorInterface],
});

builder.objectType(LastAdminError, {
  name: 'LastAdminError',
  description: 'Nobody else could administer the service. Make someone else an administrator first.',
  interfaces: [UserErrorInterface],
});

builder.objectType(EmailTakenError, {
  name: 'EmailTakenError',
  description:
    'The address has an account. Told where the service runs with ACCOUNT_DISCOVERY=reveal, and to someone who has just shown that they read its email.',
  interfaces: [UserErrorInterface],
});

builder.objectType(InvalidCodeError, {
  name: 'InvalidCodeError',
  description: 'The code or link is wrong, expired, used or replaced by a newer one; deliberately not told apart.',
  interfaces: [UserErrorInterface],
});

builder.objectType(InvalidInvitationError, {
  name: 'InvalidInvitationError',
  description:
    'The invitation is wrong, used, declined, revoked, renewed or expired, or meant for a different address than the verified one of the viewer; deliberately not told apart.',
  interfaces: [UserErrorInterface],
});

builder.objectType(ReauthenticationRequiredError, {
  name: 'ReauthenticationRequiredError',
  description: 'The viewer last proved who they are too long ago for this. Call `reauthenticate` and repeat it.',
  interfaces: [UserErrorInterface],
});

builder.objectType(LastOwnerError, {
  name: 'LastOwnerError',
  description: 'The last owner can neither leave nor be removed nor lowered. Nothing was changed.',
  interfaces: [UserErrorInterface],
});

builder.objectType(GroupNotEmptyError, {
  name: 'GroupNotEmptyError',
  description: 'A group can be deleted once its organizations are gone. Nothing was changed.',
  interfaces: [UserErrorInterface],
});

builder.objectType(LimitReachedError, {
  name: 'LimitReachedError',
  description: 'There are as many as there may be. Nothing was changed.',
  interfaces: [UserErrorInterface],
  fields: (t) => ({ limit: t.exposeInt('limit', { description: 'How many there may be.' }) }),
});

builder.objectType(OrganizationRequiredError, {
  name: 'OrganizationRequiredError',
  description:
    'The viewer belongs to several organizations or to none, and the request does not say which one is meant. Pass ' +
    '`organizationId`, or send the header `X-Organization-Id`.',
  interfaces: [UserErrorInterface],
});

builder.objectType(InvalidOrganizationHeaderError, {
  name: 'InvalidOrganizationHeaderError',
  description:
    'The header `X-Organization-Id` is not a UUID. Nothing was changed. One that names an organization the viewer may ' +
    'not act in is FORBIDDEN instead.',
  interfaces: [UserErrorInterface],
});

builder.objectType(SessionEndedError, {
  name: 'SessionEndedError',
  description: 'The session is over. Forget its tokens and ask for a new login.',
  interfaces: [UserErrorInterface],
});

builder.objectType(SessionNotFoundError, {
  name: 'SessionNotFoundError',
  description: 'The viewer has no live session with this id; whether someone else has one is not told.',
  interfaces: [UserErrorInterface],
});

builder.objectType(TooManyAttemptsError, {
  name: 'TooManyAttemptsError',
  description: 'This was tried too often, by this account, address or network. Nothing was checked.',
  interfaces: [UserErrorInterface],
  fields: (t) => ({
    retryAfterSeconds: t.exposeInt('retryAfterSeconds', { description: 'Seconds to wait before trying again.' }),
  }),
});

builder.objectType(ServiceBusyError, {
  name: 'ServiceBusyError',
  description: 'Too many passwords are waiting to be checked. Nothing was checked or counted.',
  interfaces: [UserErrorInterface],
  fields: (t) => ({
    retryAfterSeconds: t.exposeInt('retryAfterSeconds', { description: 'Seconds to wait before trying again.' }),
  }),
});

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

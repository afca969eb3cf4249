/** The codes of failures and what each means: the schema shows them all. Codes are added, never renamed. */

/** Every code of a UserError, and what its failure means. */
export const ERROR_CODES = {
  VALIDATION_FAILED: 'One or more input fields are not valid; `fieldErrors` lists each problem. Nothing was changed.',
  INVALID_CREDENTIALS: 'No account has this identifier and password. Does not reveal which of the two is wrong.',
  EMAIL_NOT_VERIFIED:
    'The password is correct, but the email address has not been verified yet. Offer `resendVerification`.',
  ACCOUNT_DISABLED:
    'The account has been disabled. Revealed only to someone with the right first factor, and to administrators.',
  ACCOUNT_DELETION_PENDING:
    'The first factor is correct, but the account is scheduled for deletion. The link in the email undoes it until `deletesAt`.',
  OWNERSHIP_TRANSFER_REQUIRED:
    'The viewer is the last owner of organizations that have other members. Make someone else an owner first.',
  USER_NOT_FOUND: 'No account has this id. Revealed to administrators only.',
  OWN_ACCOUNT: 'Administrators cannot disable or demote themselves; another administrator has to.',
  LAST_ADMIN: 'The service would be left without an administrator. Make someone else an administrator first.',
  EMAIL_TAKEN:
    'The email address already has an account. Revealed where the service runs with ACCOUNT_DISCOVERY=reveal, and to someone who has just verified the address.',
  INVALID_CODE:
    'The code or link is wrong, expired, used, or replaced by a newer one. All of these get the same answer.',
  INVALID_INVITATION:
    'The invitation cannot be used: it is wrong, used, declined, revoked, replaced, expired, or for a different email address. All of these get the same answer.',
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
  SECOND_FACTOR_REQUIRED:
    'The first factor is correct, and the account has a second one. Nobody is signed in yet: give `challengeToken` and a code to `confirmLogin`.',
  SECOND_FACTOR_NOT_SET_UP: 'The account has no second factor. Set one up with `startTotpSetup`.',
  LOGIN_EXPIRED:
    'This sign-in, or this setup, can no longer be completed: it has expired, been completed, or had too many wrong codes. Start again.',
  PASSKEY_REJECTED: 'The answer of the passkey is not valid. Reserved: the service does not take passkeys yet.',
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
  BREACHED: 'The password is known from a data breach. Checked only if BREACH_CHECK is on.',
  CONTAINS_PERSONAL_DATA: 'The password consists of the name or an identifier of the account.',
  ALREADY_TAKEN: 'The value is already in use.',
  ALREADY_MEMBER: 'This person already belongs to the organization.',
  NOT_ALLOWED: 'The value is not allowed here.',
  DOMAIN_NOT_ALLOWED:
    'The service does not accept new addresses of this email provider. Says nothing about whether the address has an account.',
} as const;

export type FieldErrorCode = keyof typeof FIELD_ERROR_CODES;

/**
 * A user exported from another system, validated by the rules of a registration. Nothing is guessed: every problem is
 * reported with its field, and the record is rejected.
 */
import { validate as isUuid, v7 as uuid } from 'uuid';
import { NO_SECOND_FACTOR } from '#core/accounts/registration.ts';
import type { Ctx } from '#core/context.ts';
import { acceptEmailAddress } from '#core/input/email-address.ts';
import { collectFieldErrors, type FieldErrors } from '#core/input/field-errors.ts';
import { acceptPhone, acceptUsername } from '#core/input/identifier.ts';
import { parseMoment } from '#core/input/moment.ts';
import { acceptName } from '#core/input/name.ts';
import { acceptRole } from '#core/input/platform-role.ts';
import { DEFAULT_LOCALE, parseLocale } from '#core/locale.ts';
import type { FieldError } from '#errors/domain-errors.ts';
import { ValidationError } from '#errors/domain-errors.ts';
import type { User } from '#generated/prisma/client.ts';

/** The fields of a record and their meaning; `email` and `name` are required. */
export const IMPORT_FIELDS = {
  id: 'UUID; a new one unless given',
  email: 'required',
  name: 'required',
  username: 'to sign in with as well',
  phone: 'with country code; to sign in with as well',
  role: 'one of USER_ROLES; the first of them unless given',
  locale: 'language tag; en unless given',
  email_verified: 'true or false: the other system has verified the address',
  email_verified_at: 'or when it did, ISO 8601',
  password_hash: 'as the other system stored it; without one the person sets a password by email',
  created_at: 'ISO 8601; now unless given',
  disabled: 'true or false',
} as const;

/** Strings from CSV; JSON may also contain booleans, and null for a missing value. */
export type ImportFields = Record<string, unknown>;

/** The row to write, or every problem of the record. */
export function readImportedUser(ctx: Ctx, fields: ImportFields): { user: User } | { problems: readonly FieldError[] } {
  const errors = collectFieldErrors();
  const text = (field: keyof typeof IMPORT_FIELDS) => textOf(fields[field], field, errors);
  const now = ctx.clock();
  const createdAt = acceptTime('created_at', text('created_at'), now, errors) ?? now;
  const verifiedAt = acceptTime('email_verified_at', text('email_verified_at'), now, errors);
  const isVerified = acceptFlag('email_verified', fields['email_verified'], errors);
  const isDisabled = acceptFlag('disabled', fields['disabled'], errors);
  if (isVerified === false && verifiedAt !== null) {
    errors.add('email_verified', 'NOT_ALLOWED', 'The value contradicts email_verified_at.');
  }
  const user: User = {
    id: acceptId(text('id'), errors),
    name: acceptName(text('name') ?? '', errors),
    email: acceptEmailAddress(text('email') ?? '', errors),
    username: acceptUsername(text('username'), errors),
    phone: acceptPhone(text('phone'), errors),
    role: acceptRole(ctx, text('role'), errors),
    locale: parseLocale(text('locale'), ctx.templates.languages) ?? DEFAULT_LOCALE,
    passwordHash: acceptPasswordHash(ctx, text('password_hash'), errors),
    source: 'IMPORT',
    isPasswordless: false,
    ...NO_SECOND_FACTOR,
    emailVerifiedAt: verifiedAt ?? (isVerified ? now : null),
    disabledAt: isDisabled ? now : null,
    deletesAt: null,
    tenantId: null,
    invitationId: null,
    createdAt,
    updatedAt: now,
  };
  try {
    errors.throwIfAny();
    return { user };
  } catch (error) {
    if (error instanceof ValidationError) return { problems: error.fieldErrors };
    throw error;
  }
}

function textOf(value: unknown, field: string, errors: FieldErrors): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') return value.trim() === '' ? null : value;
  return errors.add(field, 'INVALID_FORMAT', 'The value must be a string.');
}

function acceptId(id: string | null, errors: FieldErrors): string {
  if (id !== null && !isUuid(id)) errors.add('id', 'INVALID_FORMAT', 'The value must be a UUID.');
  return id?.toLowerCase() ?? uuid();
}

function acceptFlag(field: string, value: unknown, errors: FieldErrors): boolean | null {
  if (value === undefined || value === null || value === '') return null;
  const text = String(value).trim().toLowerCase();
  if (['true', 't', 'yes', '1'].includes(text)) return true;
  if (['false', 'f', 'no', '0'].includes(text)) return false;
  return errors.add(field, 'INVALID_FORMAT', 'The value must be true or false.');
}

/** ISO 8601; UTC if there is no time zone. */
function acceptTime(field: string, text: string | null, now: Date, errors: FieldErrors): Date | null {
  if (text === null) return null;
  const time = parseMoment(text.trim(), { allowsDay: true, assumesUtc: true });
  if (time === null)
    return errors.add(field, 'INVALID_FORMAT', 'The value must be a time such as 2024-05-31T12:00:00Z.');
  if (time > now) return errors.add(field, 'NOT_ALLOWED', 'The time must not be in the future.');
  return time;
}

function acceptPasswordHash(ctx: Ctx, hash: string | null, errors: FieldErrors): string | null {
  // Django marks accounts that have no password with an exclamation mark.
  if (hash === null || hash.startsWith('!')) return null;
  const problem = ctx.passwordHasher.problemOf(hash);
  if (problem !== null) return errors.add('password_hash', 'NOT_ALLOWED', `The hash ${problem}.`);
  return hash;
}

/** What people sign in with: email address, username or phone number, each in one canonical form. */
import { parseEmailAddress } from './email-address.ts';
import type { FieldErrors } from './field-errors.ts';

export type Identifier = { kind: 'email' | 'username' | 'phone'; value: string };

/** 3 to 32 of a-z, 0-9, dot, dash, underscore, at least one letter (so that it is no phone number). */
export function parseUsername(input: string): string | null {
  const username = input.trim().replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return /^(?=.*[a-z])[a-z0-9](?:[a-z0-9._-]{1,30})[a-z0-9]$/.test(username) ? username : null;
}

/** E.164 with a leading plus; spaces, dashes, dots and brackets are taken out, a leading 00 is read as plus. */
export function parsePhone(input: string): string | null {
  if (input.length > 40) return null;
  const phone = input.replace(/[\s().-]/g, '').replace(/^00/, '+');
  return /^\+[1-9][0-9]{6,14}$/.test(phone) ? phone : null;
}

/** Which identifier a text is; null when it cannot be any. */
export function parseIdentifier(input: string): Identifier | null {
  const email = parseEmailAddress(input);
  if (email !== null) return { kind: 'email', value: email };
  const username = parseUsername(input);
  if (username !== null) return { kind: 'username', value: username };
  const phone = parsePhone(input);
  return phone === null ? null : { kind: 'phone', value: phone };
}

/** A username as a field of an input: canonical; null when absent, or with a field error when it is none. */
export function acceptUsername(input: string | null | undefined, errors: FieldErrors): string | null {
  if (isAbsent(input)) return null;
  const message =
    'A username has 3 to 32 letters a-z, digits, dots, dashes and underscores, at least one of them a letter.';
  return parseUsername(input) ?? errors.add('username', 'INVALID_FORMAT', message);
}

/** A phone number as a field of an input: E.164; null when absent, or with a field error when it is none. */
export function acceptPhone(input: string | null | undefined, errors: FieldErrors): string | null {
  if (isAbsent(input)) return null;
  const message = 'Please enter the phone number with its country code, for example +4915112345678.';
  return parsePhone(input) ?? errors.add('phone', 'INVALID_FORMAT', message);
}

function isAbsent(input: string | null | undefined): input is null | undefined | '' {
  return input === null || input === undefined || input === '';
}

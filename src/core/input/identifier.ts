/** What people sign in with: an email address, a username, or a phone number, each in one canonical form. */
import { parseEmailAddress } from './email-address.ts';
import type { FieldErrors } from './field-errors.ts';

export type Identifier = { kind: 'email' | 'username' | 'phone'; value: string };

/** 3 to 32 characters of a-z, 0-9, dot, dash, and underscore; the required letter rules out phone numbers. */
export function parseUsername(input: string): string | null {
  const username = input.trim().replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return /^(?=.*[a-z])[a-z0-9](?:[a-z0-9._-]{1,30})[a-z0-9]$/.test(username) ? username : null;
}

/** E.164 with a leading plus. Spaces, dashes, dots, and parentheses are removed; a leading 00 is read as a plus. */
export function parsePhone(input: string): string | null {
  if (input.length > 40) return null;
  const phone = input.replace(/[\s().-]/g, '').replace(/^00/, '+');
  return /^\+[1-9][0-9]{6,14}$/.test(phone) ? phone : null;
}

/** Recognizes which kind of identifier a text is; null if it is none of them. */
export function parseIdentifier(input: string): Identifier | null {
  const email = parseEmailAddress(input);
  if (email !== null) return { kind: 'email', value: email };
  const username = parseUsername(input);
  if (username !== null) return { kind: 'username', value: username };
  const phone = parsePhone(input);
  return phone === null ? null : { kind: 'phone', value: phone };
}

/** The username in an input field, canonical; null if absent, or with a field error if not valid. */
export function acceptUsername(input: string | null | undefined, errors: FieldErrors): string | null {
  if (isAbsent(input)) return null;
  const message = 'A username must be 3 to 32 characters long (a-z, 0-9, dot, dash, underscore) and contain a letter.';
  return parseUsername(input) ?? errors.add('username', 'INVALID_FORMAT', message);
}

/** The phone number in an input field, as E.164; null if absent, or with a field error if not valid. */
export function acceptPhone(input: string | null | undefined, errors: FieldErrors): string | null {
  if (isAbsent(input)) return null;
  const message = 'Please enter the phone number with its country code, for example +4915112345678.';
  return parsePhone(input) ?? errors.add('phone', 'INVALID_FORMAT', message);
}

function isAbsent(input: string | null | undefined): input is null | undefined | '' {
  return input === null || input === undefined || input === '';
}

/** What people sign in with: an email address, a username, or a phone number, each in one canonical form. */
import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { parseEmailAddress } from './email-address.ts';
import type { FieldErrors } from './field-errors.ts';

export type Identifier = { kind: 'email' | 'username' | 'phone'; value: string };

/** The longest text that is read as a phone number, in characters, with spaces and signs. */
const MAX_PHONE_TEXT = 40;

/** 3 to 32 characters of a-z, 0-9, dot, dash, and underscore; the required letter rules out phone numbers. */
export function parseUsername(input: string): string | null {
  const username = input.trim().replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return /^(?=.*[a-z])[a-z0-9](?:[a-z0-9._-]{1,30})[a-z0-9]$/.test(username) ? username : null;
}

/**
 * The number in E.164, however it is written: `+44 (0)20 7946 0958` and `0044 20 7946 0958` are one number, and that of
 * Rome keeps its zero (`+39 06 …`). Which zero belongs to a number, and how long it is, differs by country, so a
 * library knows. Null for a text that is not a number with its country code, or has an extension.
 *
 * Only the length is checked, not whether a number is in use: numbering plans change more often than this service does.
 */
export function parsePhone(input: string): string | null {
  const number = readPhone(input);
  // A few texts with several zeros would be another number when read again. Nobody has such a number.
  return number === readPhone(number ?? '') ? number : null;
}

/** What decides how a number is stored. When it changes, the stored numbers are normalized again. */
export const PHONE_RULES = 'libphonenumber-js 1.13.16';

function readPhone(input: string): string | null {
  if (input.length > MAX_PHONE_TEXT || /\p{L}/u.test(input)) return null;
  const typed = input.normalize('NFKC').trim().replace(/^00/, '+');
  const number = parsePhoneNumberFromString(typed, { extract: false });
  return number?.isPossible() && number.ext === undefined ? number.number : null;
}

/** A number as an earlier version stored it, even if the library does not accept it, so that it still signs in. */
function asStoredBefore(input: string): string | null {
  if (input.length > MAX_PHONE_TEXT) return null;
  const phone = input.replace(/[\s().-]/g, '').replace(/^00/, '+');
  return /^\+[1-9][0-9]{6,14}$/.test(phone) ? phone : null;
}

/** Recognizes which kind of identifier a text is; null if it is none of them. */
export function parseIdentifier(input: string): Identifier | null {
  const email = parseEmailAddress(input);
  if (email !== null) return { kind: 'email', value: email };
  const username = parseUsername(input);
  if (username !== null) return { kind: 'username', value: username };
  const phone = parsePhone(input) ?? asStoredBefore(input);
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

/**
 * The email addresses we accept: a plain ASCII addr-spec (RFC 5321 Mailbox with a dot-string and a domain name; no
 * quoted local part, comment, address literal, or display name), so that none can be read as two recipients.
 */
import { collectFieldErrors, type FieldErrors } from './field-errors.ts';

const LOCAL_PART = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/;

/** The canonical (lowercase, trimmed) address, or null if it is not valid. At most 254 octets (RFC 5321 4.5.3.1). */
export function parseEmailAddress(input: string): string | null {
  if (input.length > 320) return null;
  // Not toLowerCase, which maps some non-ASCII characters to ASCII: U+212A, the Kelvin sign, becomes k.
  const address = input.trim().replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const at = address.lastIndexOf('@');
  const local = address.slice(0, at);
  const domain = address.slice(at + 1);
  const fits = at > 0 && local.length <= 64 && address.length <= 254;
  return fits && LOCAL_PART.test(local) && DOMAIN.test(domain) ? address : null;
}

/** The email address in an input field: canonical, or an empty string with a field error. */
export function acceptEmailAddress(input: string, errors: FieldErrors): string {
  const address = parseEmailAddress(input);
  if (address === null) errors.add('email', 'INVALID_FORMAT', 'Please enter a valid email address.');
  return address ?? '';
}

/** The email address of an input that has no other field. Fails with ValidationError. */
export function requireEmailAddress(input: string): string {
  const errors = collectFieldErrors();
  const address = acceptEmailAddress(input, errors);
  errors.throwIfAny();
  return address;
}

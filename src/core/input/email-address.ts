/**
 * Email addresses as we accept them: a plain ASCII addr-spec (RFC 5321 Mailbox with a dot-string and a domain name;
 * no quoted local part, no comment, no address literal, no display name), so that nothing can be read as two recipients.
 */
import { collectFieldErrors, type FieldErrors } from './field-errors.ts';

const LOCAL_PART = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/;

/** The canonical (lower-case, trimmed) address, or null when it is none. At most 64 + 1 + 189 octets (RFC 5321 4.5.3.1). */
export function parseEmailAddress(input: string): string | null {
  if (input.length > 320) return null;
  // Not toLowerCase: it maps characters from outside ASCII into it (K, the Kelvin sign, becomes k).
  const address = input.trim().replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const at = address.lastIndexOf('@');
  const local = address.slice(0, at);
  const domain = address.slice(at + 1);
  const fits = at > 0 && local.length <= 64 && address.length <= 254;
  return fits && LOCAL_PART.test(local) && DOMAIN.test(domain) ? address : null;
}

/** An address as a field of an input: canonical, or an empty text with a field error. */
export function acceptEmailAddress(input: string, errors: FieldErrors): string {
  const address = parseEmailAddress(input);
  if (address === null) errors.add('email', 'INVALID_FORMAT', 'Please enter a plain email address.');
  return address ?? '';
}

/** An address that is all there is to an input. Fails with ValidationError. */
export function requireEmailAddress(input: string): string {
  const errors = collectFieldErrors();
  const address = acceptEmailAddress(input, errors);
  errors.throwIfAny();
  return address;
}

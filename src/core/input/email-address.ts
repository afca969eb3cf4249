/**
 * The email addresses we accept: a plain ASCII addr-spec (RFC 5321 Mailbox with a dot-string and a domain name; no
 * quoted local part, comment, address literal, or display name), so that none can be read as two recipients.
 * Domains in Unicode are stored in ASCII.
 */
import { asciiDomain, shownDomain } from './domain-name.ts';
import { collectFieldErrors, type FieldErrors } from './field-errors.ts';

const LOCAL_PART = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/;

declare const isCanonical: unique symbol;
/** An address in its canonical form, the only one that is stored and looked up. `parseEmailAddress` makes it. */
export type EmailAddress = string & { readonly [isCanonical]: true };

/** The canonical (lowercase, trimmed) address, or null if it is not valid. At most 254 octets (RFC 5321 4.5.3.1). */
export function parseEmailAddress(input: string): EmailAddress | null {
  if (input.length > 320) return null;
  const typed = input.trim();
  const at = typed.lastIndexOf('@');
  // Not toLowerCase, which maps some non-ASCII characters to ASCII: U+212A, the Kelvin sign, becomes k.
  const local = typed.slice(0, Math.max(0, at)).replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const domain = asciiDomain(typed.slice(at + 1));
  if (domain === null || local.length > 64 || local.length + 1 + domain.length > 254) return null;
  return LOCAL_PART.test(local) && DOMAIN.test(domain) ? (`${local}@${domain}` as EmailAddress) : null;
}

/** The address in a row of the database, which holds canonical ones only. */
export function storedAddress(address: string): EmailAddress {
  return address as EmailAddress;
}

/** A canonical address as shown to people: with the domain in Unicode, if it cannot be mistaken for another. */
export function shownEmailAddress(address: string): string {
  const at = address.lastIndexOf('@');
  return `${address.slice(0, at)}@${shownDomain(address.slice(at + 1))}`;
}

/** Masks an email address for the log: `jane@example.com` becomes `j***@example.com`. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@');
  return at > 0 ? `${[...address][0] ?? ''}***${address.slice(at)}` : '***';
}

/** The email address in an input field: canonical, or an empty string with a field error. */
export function acceptEmailAddress(input: string, errors: FieldErrors, field = 'email'): EmailAddress {
  const address = parseEmailAddress(input);
  if (address === null) errors.add(field, 'INVALID_FORMAT', 'Please enter a valid email address.');
  return address ?? ('' as EmailAddress);
}

/** The email address of an input that has no other field. Fails with ValidationError. */
export function requireEmailAddress(input: string): EmailAddress {
  const errors = collectFieldErrors();
  const address = acceptEmailAddress(input, errors);
  errors.throwIfAny();
  return address;
}

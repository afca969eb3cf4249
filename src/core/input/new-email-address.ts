/**
 * The email address that someone wants for an account: a valid one whose domain the operator allows
 * (EMAIL_DOMAINS_ALLOWED, EMAIL_DOMAINS_BLOCKED). Looks at nothing but the address, so that the answer is the same
 * whether it has an account or not. Existing accounts are not checked: their owners can still sign in.
 */
import type { Config } from '#config/config.ts';
import { acceptEmailAddress, type EmailAddress } from './email-address.ts';
import { collectFieldErrors, type FieldErrors } from './field-errors.ts';

type Rules = Pick<Config, 'emailDomains'>;

/** The canonical address, or an empty string with a field error. */
export function acceptNewEmailAddress(
  config: Rules,
  input: string,
  errors: FieldErrors,
  field = 'email',
): EmailAddress {
  const address = acceptEmailAddress(input, errors, field);
  if (address !== '' && !isAllowed(config, address.slice(address.lastIndexOf('@') + 1))) {
    errors.add(field, 'DOMAIN_NOT_ALLOWED', 'Please use an email address of another provider.');
  }
  return address;
}

/** The same for an input that has no other field. Fails with ValidationError. */
export function requireNewEmailAddress(config: Rules, input: string): EmailAddress {
  const errors = collectFieldErrors();
  const address = acceptNewEmailAddress(config, input, errors);
  errors.throwIfAny();
  return address;
}

function isAllowed({ emailDomains: { blocked, allowed } }: Rules, domain: string): boolean {
  const domains = withParents(domain);
  if (domains.some((it) => blocked.has(it))) return false;
  return allowed === null || domains.some((it) => allowed.has(it));
}

/** The domain and every domain above it: `a.b.c`, `b.c`, `c`. */
function withParents(domain: string): string[] {
  const labels = domain.split('.');
  return labels.map((_, at) => labels.slice(at).join('.'));
}

/**
 * The rules for passwords: long enough, not common, and not made of what is known about the person.
 *
 * NIST SP 800-63B-4, section 3.1.1.2: counted in code points after NFKC, never truncated, without composition rules,
 * and compared with common passwords and with what is known about the person.
 */
import type { Ctx } from '#core/context.ts';
import { collectFieldErrors, type FieldErrors } from '#core/input/field-errors.ts';
import type { NormalizedPassword } from '#outside/passwords/password-hasher.ts';
import { isCommon, isMadeOf } from './guessable.ts';

export type { NormalizedPassword };

/** In code points. Also limits the text that is hashed to 512 bytes of UTF-8, as a code point takes at most 4. */
const PASSWORD_MAX_LENGTH = 128;

export type PasswordProblemCode =
  | 'TOO_SHORT'
  | 'TOO_LONG'
  | 'INVALID_CHARACTERS'
  | 'TOO_COMMON'
  | 'BREACHED'
  | 'CONTAINS_PERSONAL_DATA';

/** The message is safe to show: it contains no part of the password. */
export type PasswordProblem = { code: PasswordProblemCode; message: string };

/** The normalized password, which is the text to hash, or everything that is wrong with it. */
export type NewPassword =
  | { ok: true; password: NormalizedPassword }
  | { ok: false; problems: readonly PasswordProblem[] };

/**
 * Checks a password that someone wants to set. `minLength` is in code points. `personal` contains the person's name,
 * email address, username, and phone number (E.164), `service` what the service is called; words with fewer than 4
 * letters and digits are too short to matter.
 */
export function parseNewPassword(input: {
  password: string;
  minLength: number;
  personal: readonly string[];
  service: readonly string[];
  /** More passwords that are too common, in lowercase. */
  common?: ReadonlySet<string>;
}): NewPassword {
  const { minLength, personal } = input;
  const normalized = normalize(input.password);
  if ('problem' in normalized) return { ok: false, problems: [normalized.problem] };

  const { password } = normalized;
  const problems: PasswordProblem[] = [];
  if (codePoints(password) < minLength) {
    problems.push({ code: 'TOO_SHORT', message: `Use at least ${minLength} characters.` });
  }
  if (isCommon(password, input.common) || isMadeOf(password, input.service)) {
    problems.push({ code: 'TOO_COMMON', message: 'This password is too common. Choose one that is harder to guess.' });
  }
  if (isMadeOf(password, personal)) {
    problems.push({
      code: 'CONTAINS_PERSONAL_DATA',
      message: 'Do not use your name, email address, username, or phone number as your password.',
    });
  }
  return problems.length === 0 ? { ok: true, password } : { ok: false, problems };
}

/**
 * The normalized password to hash; an empty string with field errors if it is not acceptable.
 * @param field.personal what the password must not be made of; null values are skipped
 */
export function acceptNewPassword(
  ctx: Ctx,
  field: { name: string; value: string; personal: readonly (string | null)[] },
  errors: FieldErrors,
): NormalizedPassword {
  const personal = field.personal.filter((text) => text !== null);
  const { passwordMinLength: minLength, commonPasswords: common } = ctx.config;
  const parsed = parseNewPassword({ password: field.value, minLength, personal, service: namesOfService(ctx), common });
  if (parsed.ok) return parsed.password;
  for (const problem of parsed.problems) errors.add(field.name, problem.code, problem.message);
  return '' as NormalizedPassword;
}

/** Like `acceptNewPassword`, for an input in which nothing else can be wrong. Fails with ValidationError. */
export function requireNewPassword(
  ctx: Ctx,
  field: { name: string; value: string; personal: readonly (string | null)[] },
): NormalizedPassword {
  const errors = collectFieldErrors();
  const password = acceptNewPassword(ctx, field, errors);
  errors.throwIfAny();
  return password;
}

/** The product, the sender of emails, and the public host without its top-level domain. */
function namesOfService({ config }: Ctx): string[] {
  const sender = config.mail.from.replace(/<.*$/s, '');
  return ['Latchkey', sender, ...new URL(config.publicUrl).hostname.split('.').slice(0, -1)];
}

/**
 * A password that someone signs in with, in the form that was hashed when it was set. Null for a text that cannot be a
 * password: it must not be hashed, and counts as wrong.
 */
export function normalizePassword(password: string): NormalizedPassword | null {
  const normalized = normalize(password);
  return 'problem' in normalized || normalized.password === '' ? null : normalized.password;
}

function normalize(password: string): { password: NormalizedPassword } | { problem: PasswordProblem } {
  // NFKC merges at most 4 code points into one, so more than 1024 UTF-16 units never become 128 code points or fewer.
  // Rejected before normalizing, because NFKC can make a text of ligatures 18 times as long.
  if (password.length > PASSWORD_MAX_LENGTH * 8) return { problem: TOO_LONG };
  // Lone surrogates become U+FFFD in UTF-8, so different passwords would share a hash; C libraries stop at a NUL.
  if (!password.isWellFormed() || /\p{Cc}/u.test(password)) return { problem: INVALID_CHARACTERS };
  const normalized = password.normalize('NFKC') as NormalizedPassword;
  return codePoints(normalized) > PASSWORD_MAX_LENGTH ? { problem: TOO_LONG } : { password: normalized };
}

const TOO_LONG: PasswordProblem = { code: 'TOO_LONG', message: `Use at most ${PASSWORD_MAX_LENGTH} characters.` };
const INVALID_CHARACTERS: PasswordProblem = {
  code: 'INVALID_CHARACTERS',
  message: 'Do not use control characters such as tabs or line breaks.',
};

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/**
 * What may be a password: long enough, and not one that everybody or everybody who knows the person would try.
 *
 * NIST SP 800-63B-4, 3.1.1.2: counted in code points after NFKC, never truncated, no rules of composition, compared
 * with common passwords and with what is known of the person.
 */
import { readFileSync } from 'node:fs';
import type { Ctx } from '#core/context.ts';
import type { FieldErrors } from '#core/input/field-errors.ts';

/** In code points. Also keeps the text that is hashed at 512 bytes of UTF-8 or less: no code point takes more than 4. */
const PASSWORD_MAX_LENGTH = 128;

export type PasswordProblemCode =
  | 'TOO_SHORT'
  | 'TOO_LONG'
  | 'INVALID_CHARACTERS'
  | 'TOO_COMMON'
  | 'CONTAINS_PERSONAL_DATA';

/** The message is safe to show: nothing of the password is in it. */
export type PasswordProblem = { code: PasswordProblemCode; message: string };

/** The normalised password, which is what has to be hashed, or everything that is wrong with it. */
export type NewPassword = { ok: true; password: string } | { ok: false; problems: readonly PasswordProblem[] };

/**
 * A password that somebody wants to set. `minLength` is in code points. `personal` holds the person's name, email
 * address, username and the like; texts of fewer than 4 letters and digits say too little to be refused.
 */
export function parseNewPassword(input: {
  password: string;
  minLength: number;
  personal: readonly string[];
}): NewPassword {
  const { minLength, personal } = input;
  const normalised = normalise(input.password);
  if ('problem' in normalised) return { ok: false, problems: [normalised.problem] };

  const { password } = normalised;
  const problems: PasswordProblem[] = [];
  if (codePoints(password) < minLength) {
    problems.push({ code: 'TOO_SHORT', message: `Use at least ${minLength} characters.` });
  }
  if (isCommon(password)) {
    problems.push({ code: 'TOO_COMMON', message: 'This password is too common. Choose one that is harder to guess.' });
  }
  if (isPersonal(password, personal, minLength)) {
    problems.push({
      code: 'CONTAINS_PERSONAL_DATA',
      message: 'Do not use your name, address or username as password.',
    });
  }
  return problems.length === 0 ? { ok: true, password } : { ok: false, problems };
}

/**
 * The normalised password to hash; an empty text with field errors when it cannot be accepted.
 * @param personal what the password must not be made of; absent texts are skipped
 */
export function acceptNewPassword(
  ctx: Ctx,
  field: { name: string; value: string; personal: readonly (string | null)[] },
  errors: FieldErrors,
): string {
  const personal = field.personal.filter((text) => text !== null);
  const parsed = parseNewPassword({ password: field.value, minLength: ctx.config.passwordMinLength, personal });
  if (parsed.ok) return parsed.password;
  for (const problem of parsed.problems) errors.add(field.name, problem.code, problem.message);
  return '';
}

/**
 * A password that somebody signs in with, as it was hashed when it was set. Null for what can be nobody's password: it
 * must not be hashed, and counts as a wrong one.
 */
export function normalisePassword(password: string): string | null {
  const normalised = normalise(password);
  return 'problem' in normalised || normalised.password === '' ? null : normalised.password;
}

function normalise(password: string): { password: string } | { problem: PasswordProblem } {
  // NFKC makes one code point of at most 4, so more than 1 024 UTF-16 units never end at 128 code points or fewer.
  // Refused before the work of normalising, which a long text of ligatures makes 18 times as long.
  if (password.length > PASSWORD_MAX_LENGTH * 8) return { problem: TOO_LONG };
  // A lone surrogate becomes U+FFFD in UTF-8, so that different passwords would have one hash; C libraries end at NUL.
  if (!password.isWellFormed() || /\p{Cc}/u.test(password)) return { problem: INVALID_CHARACTERS };
  const normalised = password.normalize('NFKC');
  return codePoints(normalised) > PASSWORD_MAX_LENGTH ? { problem: TOO_LONG } : { password: normalised };
}

const TOO_LONG: PasswordProblem = { code: 'TOO_LONG', message: `Use at most ${PASSWORD_MAX_LENGTH} characters.` };
const INVALID_CHARACTERS: PasswordProblem = {
  code: 'INVALID_CHARACTERS',
  message: 'Use no control characters, such as tabs or line breaks.',
};

let commonPasswords: ReadonlySet<string> | undefined;

function isCommon(password: string): boolean {
  commonPasswords ??= new Set(
    readFileSync(new URL('./common-passwords.txt', import.meta.url), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && line !== '#' && !line.startsWith('# ')),
  );
  return commonPasswords.has(password.toLowerCase());
}

/**
 * The password is a personal text, whole or a word of it, whatever the case, accents, signs and spaces, and also with
 * digits and signs about it, unless those would be long enough to be a password by themselves.
 */
function isPersonal(password: string, personal: readonly string[], minLength: number): boolean {
  const lettersAndDigits = fold(password);
  const letters = withoutDigits(lettersAndDigits);
  const rest = codePoints(password) - codePoints(letters);
  return personal.flatMap(wordsOf).some((word) => {
    if (lettersAndDigits === word) return true;
    const wordLetters = withoutDigits(word);
    return codePoints(wordLetters) >= 4 && wordLetters === letters && rest < minLength;
  });
}

/** The text, each word of it and, of an email address, the local part. */
function wordsOf(text: string): string[] {
  const localPart = text.replace(/@.*$/s, '');
  return [text, localPart, ...localPart.split(/[^\p{L}\p{M}\p{N}]+/u)]
    .map(fold)
    .filter((word) => codePoints(word) >= 4);
}

function fold(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

function withoutDigits(text: string): string {
  return text.replace(/\p{N}/gu, '');
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** Names of people, organizations, roles, and projects: any script, one line, no control characters. */
import type { FieldErrors } from './field-errors.ts';

const MAX_CODE_POINTS = 100;

/** The name in an input field: trimmed and in NFC. Adds a field error when the name is not acceptable. */
export function acceptName(input: string, errors: FieldErrors): string {
  const name = input.trim().normalize('NFC');
  if (name === '') errors.add('name', 'REQUIRED', 'Please enter a name.');
  else if (!name.isWellFormed() || /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(name)) {
    errors.add('name', 'INVALID_CHARACTERS', 'The name contains characters that cannot be displayed.');
  } else if ([...name].length > MAX_CODE_POINTS) {
    errors.add('name', 'TOO_LONG', `A name can have at most ${MAX_CODE_POINTS} characters.`);
  }
  return name;
}

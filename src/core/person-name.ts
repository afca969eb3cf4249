/** Names of people: any script, one line, no control characters. */
import type { FieldErrors } from './field-errors.ts';

const MAX_CODE_POINTS = 100;

/** The name in NFC without outer spaces; null with a field error when it cannot be accepted. */
export function parsePersonName(input: string, errors: FieldErrors): string | null {
  const name = input.trim().normalize('NFC');
  if (name === '') return errors.add('name', 'REQUIRED', 'Please enter a name.');
  if (!name.isWellFormed() || /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(name)) {
    return errors.add('name', 'INVALID_CHARACTERS', 'The name holds characters that cannot be shown.');
  }
  if ([...name].length > MAX_CODE_POINTS)
    return errors.add('name', 'TOO_LONG', `A name has at most ${MAX_CODE_POINTS} characters.`);
  return name;
}

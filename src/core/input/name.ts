/** Names of people, organizations and what belongs to them: any script, one line, no control characters. */
import type { FieldErrors } from './field-errors.ts';

const MAX_CODE_POINTS = 100;

/** A name as a field of an input: in NFC, without outer spaces; an empty text with a field error when it cannot be accepted. */
export function acceptName(input: string, errors: FieldErrors): string {
  const name = input.trim().normalize('NFC');
  if (name === '') errors.add('name', 'REQUIRED', 'Please enter a name.');
  else if (!name.isWellFormed() || /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(name)) {
    errors.add('name', 'INVALID_CHARACTERS', 'The name holds characters that cannot be shown.');
  } else if ([...name].length > MAX_CODE_POINTS) {
    errors.add('name', 'TOO_LONG', `A name has at most ${MAX_CODE_POINTS} characters.`);
  }
  return name;
}

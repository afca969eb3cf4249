/** Names of people, organizations, roles, and projects: any script, one line, no control characters. */
import { collectFieldErrors, type FieldErrors } from './field-errors.ts';

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

/**
 * A name that is unique in its organization. Fails with ValidationError.
 * @param wanted.holderOf finds the one that has the name already
 * @param wanted.id the one that is being renamed, which may keep its name
 */
export async function requireFreeName(
  input: string,
  wanted: { kind: 'project' | 'role'; holderOf: (name: string) => Promise<{ id: string } | null>; id?: string },
): Promise<string> {
  const errors = collectFieldErrors();
  const name = acceptName(input, errors);
  errors.throwIfAny();
  const holder = await wanted.holderOf(name);
  if (holder !== null && holder.id !== wanted.id) {
    errors.add('name', 'ALREADY_TAKEN', `This name is taken by another ${wanted.kind}.`);
  }
  errors.throwIfAny();
  return name;
}

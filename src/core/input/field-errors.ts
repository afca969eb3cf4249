/** Collects what is wrong with an input, so that people hear of all of it at once. */
import { type FieldError, type FieldErrorCode, ValidationError } from '#errors.ts';

export type FieldErrors = {
  /** Notes a problem and gives null, so that a parser can end with it. */
  add: (field: string, code: FieldErrorCode, message: string) => null;
  /** Fails with ValidationError when there was any problem. */
  throwIfAny: () => void;
};

export function collectFieldErrors(): FieldErrors {
  const errors: FieldError[] = [];
  return {
    add: (field, code, message) => {
      errors.push({ path: [field], code, message });
      return null;
    },
    throwIfAny: () => {
      if (errors.length > 0) throw new ValidationError(errors);
    },
  };
}

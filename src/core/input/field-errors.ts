/** Collects everything that is wrong with an input, so that people see all problems at once. */

import { type FieldError, ValidationError } from '#errors/domain-errors.ts';
import type { FieldErrorCode } from '#errors/error-codes.ts';

export type FieldErrors = {
  /** Adds a problem. Returns null, so that a parser can return it directly. */
  add: (field: string, code: FieldErrorCode, message: string) => null;
  /** Fails with ValidationError if a problem was added. */
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

/** A password somebody wants to set, as a field of an input. */
import type { Ctx } from '#core/context.ts';
import type { FieldErrors } from '#core/input/field-errors.ts';
import { parseNewPassword } from './password.ts';

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

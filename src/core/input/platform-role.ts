/** Platform roles that administrators assign. Registration decides which roles people may choose themselves. */
import type { Ctx } from '#core/context.ts';
import type { FieldErrors } from './field-errors.ts';

/** The role in an input field: the first of USER_ROLES if absent. Adds a field error if it is not one of them. */
export function acceptRole(ctx: Ctx, role: string | null | undefined, errors: FieldErrors): string {
  const { userRoles } = ctx.config;
  if (role && !userRoles.includes(role)) {
    errors.add('role', 'NOT_ALLOWED', `The role must be one of: ${userRoles.join(', ')}.`);
  }
  return role || (userRoles[0] ?? '');
}

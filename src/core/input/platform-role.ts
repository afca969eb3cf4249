/** Platform roles, as administrators give them. What people may choose for themselves is decided where they register. */
import type { Ctx } from '#core/context.ts';
import type { FieldErrors } from './field-errors.ts';

/** A role as a field of an input: the first of USER_ROLES when absent; with a field error when it is none of them. */
export function acceptRole(ctx: Ctx, role: string | null | undefined, errors: FieldErrors): string {
  const { userRoles } = ctx.config;
  if (role && !userRoles.includes(role)) {
    errors.add('role', 'NOT_ALLOWED', `A role is one of ${userRoles.join(', ')}.`);
  }
  return role || (userRoles[0] ?? '');
}

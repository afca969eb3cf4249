/** Platform roles that administrators assign. Registration decides which roles people may choose themselves. */
import type { Ctx } from '#core/context.ts';
import type { FieldErrors } from './field-errors.ts';

/** The role in an input field: the first of USER_ROLES if absent. Adds a field error if it is not one of them. */
export function acceptRole(ctx: Ctx, role: string | null | undefined, errors: FieldErrors): string {
  return role ? acceptKnownRole(ctx, role, errors) : (ctx.config.userRoles[0] ?? '');
}

/** The role in a required input field. Adds a field error if it is not one of USER_ROLES. */
export function acceptKnownRole({ config }: Ctx, role: string, errors: FieldErrors): string {
  if (!config.userRoles.includes(role)) {
    errors.add('role', 'NOT_ALLOWED', `The role must be one of: ${config.userRoles.join(', ')}.`);
  }
  return role;
}

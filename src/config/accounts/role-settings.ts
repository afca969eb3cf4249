/** The platform roles: which there are, and which people may choose when they register. */
import type { Environment } from '../environment.ts';

/** The platform role that may administer the service, if USER_ROLES contains it. */
export const ADMIN_ROLE = 'admin';

export function rolesOf(env: Environment): { userRoles: readonly string[]; selfAssignableRoles: readonly string[] } {
  const userRoles = env.list('USER_ROLES', ['customer', 'admin']);
  for (const role of userRoles) {
    if (/^[a-z][a-z0-9_-]{0,31}$/.test(role)) continue;
    env.problem('USER_ROLES', `${JSON.stringify(role)} is not a valid role name (a-z, 0-9, - and _)`);
  }
  if (userRoles.length === 0) env.problem('USER_ROLES', 'must contain at least one role');
  if (userRoles[0] === ADMIN_ROLE) {
    env.problem('USER_ROLES', 'must not begin with admin: everyone who registers gets the first role');
  }
  const fallback = userRoles.includes('customer') ? ['customer'] : [];
  const selfAssignableRoles = env.list('SELF_ASSIGNABLE_ROLES', fallback);
  for (const role of selfAssignableRoles) {
    if (!userRoles.includes(role)) {
      env.problem('SELF_ASSIGNABLE_ROLES', `${JSON.stringify(role)} is not one of USER_ROLES`);
    }
    if (role === ADMIN_ROLE) {
      env.problem(
        'SELF_ASSIGNABLE_ROLES',
        'must not contain admin: anyone who registers could administer the platform',
      );
    }
  }
  return { userRoles, selfAssignableRoles };
}

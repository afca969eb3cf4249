/**
 * Who has to show a second factor before acting for others (REQUIRE_SECOND_FACTOR,
 * `Organization.requiresSecondFactor`). The policy guards authority, never the sign-in: someone without a factor can
 * always sign in, read their own account, and set one up.
 */
import { ADMIN_ROLE } from '#config/accounts/role-settings.ts';
import type { Config } from '#config/config.ts';
import type { Viewer } from '#core/context.ts';
import { LEGACY_PASSWORD } from '#core/tokens/authentication-claims.ts';
import { ForbiddenError } from '#errors/refused-errors.ts';
import type { Organization } from '#generated/prisma/client.ts';

type Policy = Pick<Config, 'requireSecondFactor'>;

/**
 * Whether the viewer may use the platform role `admin` now. For administrators, no trusted device stands in, and no
 * legacy password from before they were one.
 */
export function actsAsAdmin(policy: Policy, { user, session }: Viewer): boolean {
  if (user.role !== ADMIN_ROLE || session.method === LEGACY_PASSWORD) return false;
  return policy.requireSecondFactor === 'never' || (user.hasSecondFactor && session.secondFactorAt !== null);
}

/** Fails with ForbiddenError, which says whether a second factor is all that is missing. */
export function requireAdminRole(policy: Policy, viewer: Viewer): void {
  if (actsAsAdmin(policy, viewer)) return;
  throw new ForbiddenError(viewer.user.role === ADMIN_ROLE ? 'SECOND_FACTOR_REQUIRED' : null);
}

type Guarded = Pick<Organization, 'requiresSecondFactor'>;

/** An organization that asks for nothing of its own, such as one that is about to be created. */
export const NO_POLICY_OF_ITS_OWN: Guarded = { requiresSecondFactor: false };

/** Whether the viewer has shown enough to act in the organization, in this session or on a device they trust. */
export function mayActIn(policy: Policy, { user, session }: Viewer, { requiresSecondFactor }: Guarded): boolean {
  if (policy.requireSecondFactor !== 'everyone' && !requiresSecondFactor) return true;
  return user.hasSecondFactor && (session.secondFactorAt !== null || session.deviceId !== null);
}

/** Fails with ForbiddenError, which says that a second factor is all that is missing. */
export function requireFactorToAct(policy: Policy, viewer: Viewer, organization: Guarded): void {
  if (!mayActIn(policy, viewer, organization)) throw new ForbiddenError('SECOND_FACTOR_REQUIRED');
}

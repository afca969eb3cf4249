/**
 * Change the platform role of an account to another of USER_ROLES. For administrators.
 *
 * It takes effect here with the next request; other services see the old role in access tokens until they expire.
 * Nobody can demote themselves or the last administrator. Setting the current role again is not an error and not
 * recorded.
 * Fails with: UserNotFoundError, OwnAccountError, LastAdminError, ValidationError; UnauthenticatedError,
 * ForbiddenError, ReauthenticationRequiredError.
 */
import { ADMIN_ROLE } from '#config/accounts/role-settings.ts';
import { administer, requireOtherAdmin, requireRecentAdministrator } from '#core/accounts/administrator.ts';
import { audit } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { collectFieldErrors } from '#core/input/field-errors.ts';
import { acceptKnownRole } from '#core/input/platform-role.ts';
import { OwnAccountError } from '#errors/domain-errors.ts';
import type { User } from '#generated/prisma/client.ts';

export type SetUserRoleInput = { userId: string; role: string };
export type SetUserRoleSuccess = { user: User };

export async function setUserRole(ctx: Ctx, { userId, role }: SetUserRoleInput): Promise<SetUserRoleSuccess> {
  const administrator = await requireRecentAdministrator(ctx);
  requireKnownRole(ctx, role);
  return inTransaction(ctx, (tx) =>
    administer(tx, administrator, userId, async (user) => {
      if (user.role === role) return { user };
      if (user.id === administrator.actorId) throw new OwnAccountError();
      if (role !== ADMIN_ROLE) await requireOtherAdmin(tx, user);
      const changed = await tx.db.user.update({ where: { id: user.id }, data: { role, updatedAt: tx.clock() } });
      await audit(tx, 'set_user_role.completed', user.id, administrator);
      return { user: changed };
    }),
  );
}

function requireKnownRole(ctx: Ctx, role: string): void {
  const errors = collectFieldErrors();
  acceptKnownRole(ctx, role, errors);
  errors.throwIfAny();
}

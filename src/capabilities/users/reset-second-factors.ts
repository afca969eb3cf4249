/**
 * Remove the second factors of someone who has lost them, for administrators and operators. First make sure that it is
 * really the owner who asks. Sessions and trusted devices end, and the owner gets an email with a link that undoes it.
 * Nobody does this for themselves. Organization admins cannot: accounts belong to no organization.
 * Fails with: UserNotFoundError, OwnAccountError; UnauthenticatedError, ForbiddenError, ReauthenticationRequiredError.
 */
import { administer, requireRecentAdministrator } from '#core/accounts/administrator.ts';
import { audit } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { removeSecondFactors } from '#core/second-factors/factor-removal.ts';
import { OwnAccountError } from '#errors/domain-errors.ts';
import type { User } from '#generated/prisma/client.ts';

export type ResetSecondFactorsSuccess = { user: User; endedSessions: number };

export async function resetSecondFactors(ctx: Ctx, { userId }: { userId: string }): Promise<ResetSecondFactorsSuccess> {
  const administrator = await requireRecentAdministrator(ctx);
  return inTransaction(ctx, (tx) =>
    administer(tx, administrator, userId, async (user) => {
      if (user.id === administrator.actorId) throw new OwnAccountError();
      if (!user.hasSecondFactor) return { user, endedSessions: 0 };
      const endedSessions = await removeSecondFactors(tx, user, 'factors_removed');
      await audit(tx, 'reset_second_factors.completed', user.id, administrator);
      return { user: await tx.db.user.findUniqueOrThrow({ where: { id: user.id } }), endedSessions };
    }),
  );
}

/**
 * How a person can sign in, for themselves and for administrators: their factors and recovery codes. Neither secrets
 * nor codes are shown.
 */
import type { Ctx } from '#core/context.ts';
import { requireAdminRole } from '#core/sessions/second-factor-policy.ts';
import { requireViewer } from '#core/sessions/viewer.ts';
import type { TotpFactor, User } from '#generated/prisma/client.ts';

/**
 * The current row of the account, which the other functions here take: they are reached through this one only.
 * Fails with UnauthenticatedError and, for someone else's account, with ForbiddenError.
 */
export async function accountSecurity(ctx: Ctx, { id }: Pick<User, 'id'>): Promise<User> {
  const viewer = await requireViewer(ctx);
  if (viewer.user.id !== id) requireAdminRole(ctx.config, viewer);
  return ctx.db.user.findUniqueOrThrow({ where: { id } });
}

export async function findTotpFactors(ctx: Ctx, { id: userId }: Pick<User, 'id'>): Promise<TotpFactor[]> {
  return ctx.db.totpFactor.findMany({ where: { userId, removedAt: null }, orderBy: { createdAt: 'asc' } });
}

/** How many recovery codes still work, and when they were made; null if there are none. */
export async function findRecoveryCodes(
  ctx: Ctx,
  { id: userId }: Pick<User, 'id'>,
): Promise<{ left: number; createdAt: Date | null }> {
  const codes = await ctx.db.recoveryCode.findMany({ where: { userId }, select: { usedAt: true, createdAt: true } });
  return { left: codes.filter(({ usedAt }) => usedAt === null).length, createdAt: codes[0]?.createdAt ?? null };
}

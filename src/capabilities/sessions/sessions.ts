/**
 * The sessions of a person: which there are, and ending them.
 *
 * Seen are the live ones, by their owner alone; a session of a registration that has proven nothing yet never shows.
 */
import type { Ctx } from '#core/context.ts';
import type { Prisma } from '#generated/prisma/client.ts';

/** Which sessions the viewer may see: their own live ones, and none at all for nobody. */
export async function visibleSessions(ctx: Ctx): Promise<Prisma.SessionWhereInput> {
  const viewer = await ctx.viewer();
  if (viewer === null) return { id: { in: [] } };
  return { userId: viewer.user.id, isProvisional: false, endedAt: null, expiresAt: { gt: ctx.clock() } };
}

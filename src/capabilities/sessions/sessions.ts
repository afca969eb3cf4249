/**
 * The sessions of a person: which there are, and ending them.
 *
 * Seen are the live ones, by their owner and by administrators; a session of a registration that has proven nothing yet never shows.
 */
import { ADMIN_ROLE } from '#config.ts';
import type { Ctx } from '#core/context.ts';
import type { Prisma } from '#generated/prisma/client.ts';

/** Which sessions the viewer may see: their own live ones, those of everybody for administrators, none for nobody. */
export async function visibleSessions(ctx: Ctx): Promise<Prisma.SessionWhereInput> {
  const viewer = await ctx.viewer();
  if (viewer === null) return { id: { in: [] } };
  const whose = viewer.user.role === ADMIN_ROLE ? {} : { userId: viewer.user.id };
  return { ...whose, isProvisional: false, endedAt: null, expiresAt: { gt: ctx.clock() } };
}

/** Who am I: the viewer, from the row that checking the token has loaded already. Null for nobody. */
import type { Ctx } from '#core/context.ts';
import { requireViewer } from '#core/sessions/viewer.ts';
import type { Session, User } from '#generated/prisma/client.ts';

export async function me(ctx: Ctx): Promise<User | null> {
  return (await ctx.viewer())?.user ?? null;
}

/**
 * The same where an answer needs somebody, with the organization they act in: that of the header or their only one.
 * Fails with UnauthenticatedError when there is nobody; for the header with InvalidOrganizationHeaderError,
 * ForbiddenError.
 */
export async function requireMe(ctx: Ctx): Promise<{ user: User; organizationId: string | null }> {
  const { user } = await requireViewer(ctx);
  return { user, organizationId: (await ctx.organization())?.organization.id ?? null };
}

export async function currentSession(ctx: Ctx): Promise<Session | null> {
  return (await ctx.viewer())?.session ?? null;
}

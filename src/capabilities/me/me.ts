/** The viewer, from the row that the token check has already loaded; null if nobody is signed in. */
import type { Ctx } from '#core/context.ts';
import { requireViewer } from '#core/sessions/viewer.ts';
import type { Session, User } from '#generated/prisma/client.ts';

export async function me(ctx: Ctx): Promise<User | null> {
  return (await ctx.viewer())?.user ?? null;
}

/**
 * The viewer with the organization they act in: the one in the header, or else the only one they belong to.
 * Fails with UnauthenticatedError if nobody is signed in, and for the header with InvalidOrganizationHeaderError and
 * ForbiddenError.
 */
export async function requireMe(ctx: Ctx): Promise<{ user: User; organizationId: string | null }> {
  const { user } = await requireViewer(ctx);
  return { user, organizationId: (await ctx.organization())?.organization.id ?? null };
}

export async function currentSession(ctx: Ctx): Promise<Session | null> {
  return (await ctx.viewer())?.session ?? null;
}

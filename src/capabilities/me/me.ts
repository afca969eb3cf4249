/** The viewer, from the row that the token check has already loaded; null if nobody is signed in. */
import type { Ctx } from '#core/context.ts';
import type { ActingOrganization } from '#core/organizations/permissions.ts';
import { requireViewer } from '#core/sessions/viewer.ts';
import { ForbiddenError } from '#errors/refused-errors.ts';
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
  const organizationId = (await effective(ctx))?.organization.id ?? null;
  return { user, organizationId };
}

/** Reading one's own account always works, also for members of an organization that asks for a second factor. */
async function effective(ctx: Ctx): Promise<ActingOrganization | null> {
  return ctx.organization().catch((error) => {
    const isOnlyDefault = ctx.organizationHeader === null && error instanceof ForbiddenError;
    if (isOnlyDefault && error.reason === 'SECOND_FACTOR_REQUIRED') return null;
    throw error;
  });
}

export async function currentSession(ctx: Ctx): Promise<Session | null> {
  return (await ctx.viewer())?.session ?? null;
}

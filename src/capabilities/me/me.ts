/** Who am I: the viewer, from the row that checking the token has loaded already. Null for nobody. */
import type { Ctx } from '#core/context.ts';
import { requireViewer } from '#core/viewer.ts';
import type { Session, User } from '#generated/prisma/client.ts';

export async function me(ctx: Ctx): Promise<User | null> {
  return (await ctx.viewer())?.user ?? null;
}

/** The same where an answer needs somebody; fails with UnauthenticatedError when there is nobody. */
export async function requireMe(ctx: Ctx): Promise<User> {
  return (await requireViewer(ctx)).user;
}

export async function currentSession(ctx: Ctx): Promise<Session | null> {
  return (await ctx.viewer())?.session ?? null;
}

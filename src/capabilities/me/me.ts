/** Who am I: the viewer, from the row that checking the token has loaded already. Null for nobody. */
import type { Ctx } from '#core/context.ts';
import type { Session, User } from '#generated/prisma/client.ts';

export async function me(ctx: Ctx): Promise<User | null> {
  return (await ctx.viewer())?.user ?? null;
}

export async function currentSession(ctx: Ctx): Promise<Session | null> {
  return (await ctx.viewer())?.session ?? null;
}

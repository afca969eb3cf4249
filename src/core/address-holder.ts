/** Whose an address is: a verified account's, or one's that waits for a proof that is out. */
import type { User } from '#generated/prisma/client.ts';
import type { Ctx } from './context.ts';

/** Which proofs keep an unverified account; without one it makes way for the next registration. */
export const liveProof = (now: Date) => ({
  purpose: 'verify-email',
  consumedAt: null,
  replacedAt: null,
  expiresAt: { gt: now },
});

/** The account that has the address; null when the address is free to register. */
export async function findAddressHolder(ctx: Ctx, email: string): Promise<User | null> {
  const isHeld = [{ emailVerifiedAt: { not: null } }, { challenges: { some: liveProof(ctx.clock()) } }];
  return ctx.db.user.findFirst({ where: { email, OR: isHeld } });
}

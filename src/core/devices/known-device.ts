/**
 * Devices that an account has been signed in on. A known device has its own budget of wrong passwords, so strangers who
 * guess cannot lock it out. It grants nothing else: it never replaces a password or a second factor. A trusted device
 * (core/second-factors/trusted-device.ts) does replace the second factor, and shares the row.
 *
 * A device is known by its token, which only GraphQL clients get: in a cookie, or in the answer. Every sign-in rotates
 * it. The previous token still counts, because an answer may get lost and two sign-ins may run at once. A device stays
 * known for a year after its last sign-in, unless the person forgets it, resets the password, or signs out everywhere.
 */
import type { Ctx } from '#core/context.ts';
import type { User } from '#generated/prisma/client.ts';
import { knownSince } from './device-life.ts';

/** Beyond this number, the least recently used device is forgotten. */
export const MAX_DEVICES = 20;

/** The condition for the rows of devices that are known. */
export function knownDevicesOf({ id: userId }: Pick<User, 'id'>, now: Date) {
  return { userId, revokedAt: null, lastSeenAt: { gt: knownSince(now) } };
}

/** Forgets the least recently used devices beyond the limit, after a sign-in on a new one. */
export async function forgetSurplusDevices(ctx: Ctx, user: Pick<User, 'id'>): Promise<void> {
  const now = ctx.clock();
  await ctx.db.$executeRaw`
    UPDATE devices SET revoked_at = ${now}::timestamptz
     WHERE id IN (SELECT id FROM devices WHERE user_id = ${user.id}::uuid AND revoked_at IS NULL
                   ORDER BY last_seen_at DESC, id DESC OFFSET ${MAX_DEVICES})`;
}

/** Forgets every device of the person, the trusted ones included. Call it in a transaction with the user locked. */
export async function forgetDevices(tx: Ctx, userId: string): Promise<number> {
  const where = { userId, revokedAt: null };
  return (await tx.db.device.updateMany({ where, data: { revokedAt: tx.clock(), trustedUntil: null } })).count;
}

/**
 * Links by which the owner takes back what a thief did with the account. No newer proof and nothing a thief can do ends
 * them: not a further change, not a new password. They have no code; they are proven and consumed like any challenge.
 */

import type { Ctx } from '#core/context.ts';
import type { Challenge } from '#generated/prisma/client.ts';
import { UNDO_PURPOSES } from './challenge.ts';

export type UndoPurpose = (typeof UNDO_PURPOSES)[number];

/** A link mailed to `user.email`, good until `endsAt`; one that is live for the same address goes on until then. */
export async function keepUndoLink(
  tx: Ctx,
  purpose: UndoPurpose,
  user: { id: string; email: string },
  endsAt: Date,
): Promise<Challenge> {
  const now = tx.clock();
  const link = { userId: user.id, purpose, address: user.email };
  const [kept] = await tx.db.challenge.updateManyAndReturn({
    where: { ...link, consumedAt: null, replacedAt: null, expiresAt: { gt: now } },
    data: { expiresAt: endsAt },
  });
  if (kept !== undefined) return kept;
  return tx.db.challenge.create({ data: { ...link, createdAt: now, codeExpiresAt: now, expiresAt: endsAt } });
}

/** Ends the links by which changes that came after an undone one could be undone in turn: they were the thief's. */
export async function endLaterUndoLinks(tx: Ctx, { userId, createdAt }: Challenge): Promise<void> {
  const later = { userId, purpose: { in: [...UNDO_PURPOSES] }, createdAt: { gte: createdAt } };
  await tx.db.challenge.updateMany({
    where: { ...later, consumedAt: null, replacedAt: null },
    data: { replacedAt: tx.clock() },
  });
}

/** When the last link ends by which the address could be given back; null when there is none. */
export async function lastUndoEndsAt(tx: Ctx, userId: string): Promise<Date | null> {
  const { _max } = await tx.db.challenge.aggregate({
    where: { userId, purpose: 'undo-email-change', consumedAt: null, replacedAt: null },
    _max: { expiresAt: true },
  });
  return _max.expiresAt;
}

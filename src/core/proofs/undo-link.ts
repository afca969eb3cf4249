/**
 * Links with which the owner undoes what an intruder did to the account. Nothing an intruder can do ends them: not a
 * newer challenge, another change, or a new password. They have no code, but are otherwise used like any challenge.
 */
import type { Ctx } from '#core/context.ts';
import type { Challenge, User } from '#generated/prisma/client.ts';
import { UNDO_PURPOSES, type UndoPurpose } from './challenge-purpose.ts';

/**
 * A link for `user.email`, valid until `endsAt`. If the address has a live link already, extends that one, which still
 * brings back the username and phone number that the account had first: later ones may be an intruder's.
 */
export async function keepUndoLink(
  tx: Ctx,
  purpose: UndoPurpose,
  user: Pick<User, 'id' | 'email' | 'username' | 'phone'>,
  endsAt: Date,
): Promise<Challenge> {
  const now = tx.clock();
  const link = { userId: user.id, purpose, address: user.email };
  const [kept] = await tx.db.challenge.updateManyAndReturn({
    where: { ...link, consumedAt: null, replacedAt: null, expiresAt: { gt: now } },
    data: { expiresAt: endsAt },
  });
  if (kept !== undefined) return kept;
  const { username, phone } = user;
  const former = purpose === 'undo-email-change' ? { bringsBack: true, username, phone } : {};
  return tx.db.challenge.create({
    data: { ...link, ...former, createdAt: now, codeExpiresAt: now, expiresAt: endsAt },
  });
}

/** Ends the links that undo changes made after the one that was just undone: those links belong to the intruder. */
export async function endLaterUndoLinks(tx: Ctx, { userId, createdAt }: Challenge): Promise<void> {
  const later = { userId, purpose: { in: [...UNDO_PURPOSES] }, createdAt: { gte: createdAt } };
  await tx.db.challenge.updateMany({
    where: { ...later, consumedAt: null, replacedAt: null },
    data: { replacedAt: tx.clock() },
  });
}

/** When the last link expires that can restore a former address; null if there is none. */
export async function lastUndoEndsAt(tx: Ctx, userId: string): Promise<Date | null> {
  const { _max } = await tx.db.challenge.aggregate({
    where: { userId, purpose: 'undo-email-change', consumedAt: null, replacedAt: null },
    _max: { expiresAt: true },
  });
  return _max.expiresAt;
}

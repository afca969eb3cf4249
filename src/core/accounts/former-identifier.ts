/**
 * Former usernames and phone numbers. People are signed in, and known to others, by them; so one that an account gives
 * up is held for it for 30 days: nobody else can take it, and its former owner can take it back at any time. To
 * everyone else it is as taken as before.
 *
 * At most ten of each kind are held for an account, so that nobody collects names by renaming. The oldest ones stay:
 * those an intruder adds cannot push out the owner's. What is given up beyond that is free at once. When an account is
 * deleted, its identifiers are free once the grace period is over: nothing of a deleted account is kept.
 */
import type { Ctx } from '#core/context.ts';
import { daysAfter } from '#core/time.ts';
import type { IdentifierKind, User } from '#generated/prisma/client.ts';

/** In canonical form; null for none. */
export type Identifiers = Pick<User, 'username' | 'phone'>;

/** How long a former identifier is held. Emails and docs say so too. */
export const HELD_DAYS = 30;
const MAX_HELD = 10;

/**
 * Holds what `before` has and `after` no longer has. Call it in the transaction that changes it.
 * @returns whether something was given up and all of it is held
 */
export async function holdFormerIdentifiers(
  tx: Ctx,
  before: Identifiers & { id: string },
  after: Identifiers,
): Promise<boolean> {
  let freed = 0;
  let held = 0;
  for (const [field, kind] of [
    ['username', 'USERNAME'],
    ['phone', 'PHONE'],
  ] as const) {
    const value = before[field];
    if (value === null || value === after[field]) continue;
    freed += 1;
    held += await hold(tx, before.id, kind, value);
  }
  return freed > 0 && held === freed;
}

/**
 * The row stays when its owner takes the identifier back. Otherwise an intruder could take it back, have others held in
 * its place, and then give it up for good.
 */
async function hold(tx: Ctx, userId: string, kind: IdentifierKind, value: string): Promise<number> {
  const now = tx.clock();
  return tx.db.$executeRaw`
    INSERT INTO former_identifiers AS f (value, kind, user_id, held_until)
    SELECT ${value}, ${kind}::identifier_kind, ${userId}::uuid, ${daysAfter(now, HELD_DAYS)}::timestamptz
     WHERE (SELECT count(*) FROM former_identifiers o
             WHERE o.user_id = ${userId}::uuid AND o.kind = ${kind}::identifier_kind
               AND o.value <> ${value} AND o.held_until > ${now}::timestamptz) < ${MAX_HELD}
    ON CONFLICT (value) DO UPDATE
       SET kind = excluded.kind, user_id = excluded.user_id, held_until = excluded.held_until
     WHERE f.user_id = excluded.user_id OR f.held_until <= ${now}::timestamptz`;
}

/** How long a device is known, and by which token: the conditions of known-device.ts. */
import { daysAfter } from '#core/time.ts';

/** How long after the last sign-in a device is known. Browsers keep a cookie for at most 400 days. */
export const KNOWN_DAYS = 365;

/**
 * SQL: whether a row `d` is a known device of the account, and the one that a token names. A valid token has the
 * generation of the row, or the one before it.
 * @param sql expressions for the account's id, the token's id and generation, and the oldest `last_seen_at` that counts
 */
export function isKnownDevice(sql: { userId: string; id: string; generation: string; since: string }): string {
  return `d.id = ${sql.id}::uuid AND d.user_id = ${sql.userId} AND d.revoked_at IS NULL
          AND d.generation - ${sql.generation}::int BETWEEN 0 AND 1 AND d.last_seen_at > ${sql.since}::timestamptz`;
}

/** Devices that were last seen before this moment are no longer known. */
export function knownSince(now: Date): Date {
  return daysAfter(now, -KNOWN_DAYS);
}

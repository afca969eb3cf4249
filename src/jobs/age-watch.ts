/** Checks at the start and every minute whether the database is older than it was, and logs that until explained. */
import type { Parts } from '#core/context.ts';
import { hasLost, newestEvent } from '#core/database/database-age.ts';
import { logFault } from '#errors/outage.ts';
import type { HighWaterMark } from '#outside/high-water-mark.ts';

export type AgeWatch = { stop: () => Promise<void> };

const INTERVAL_MS = 60_000;

export async function startAgeWatch(parts: Parts, mark: HighWaterMark): Promise<AgeWatch> {
  const { database, clock, log, config } = parts;
  const look = async () => {
    const seen = mark.read();
    const retention = { now: clock(), auditRetentionSeconds: config.auditRetentionSeconds };
    if (seen !== null && (await hasLost(database, seen, retention))) {
      log.error(
        { lastSeen: seen.occurredAt },
        'the database is older than it was, and what was revoked since works again: run `latchkey restored`',
      );
      return;
    }
    const newest = await newestEvent(database);
    if (newest !== null) await mark.write(newest);
  };
  const lookSafely = () => look().catch((error) => logFault(log, error, {}, 'cannot check the age of the database'));
  await lookSafely();
  const timer = setInterval(lookSafely, INTERVAL_MS).unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await lookSafely();
    },
  };
}

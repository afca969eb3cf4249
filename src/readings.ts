/**
 * Reads the values that /metrics shows, at each scrape. What replicas share, such as the email queue, each of them
 * reports: see docs/monitoring.md.
 */

import type { Parts } from '#core/context.ts';
import { readClockSkew } from '#core/database/clock-skew.ts';
import { readMailQueue } from '#core/mail/queue-state.ts';
import { secondsBetween } from '#core/time.ts';
import type { Replicas } from '#outside/replicas/replicas.ts';
import type { Readings } from '#outside/telemetry/metric-list.ts';
import packed from '../package.json' with { type: 'json' };

/** Prometheus waits for 10 s by default. During an outage, it still gets everything that needs no database. */
const DATABASE_WAIT_MS = 2000;

/** Never fails; values that the database does not return in time are left out. */
export function createReadings(parts: Parts): () => Promise<Readings> {
  const { config, clock, database, keyRing, passwordHasher } = parts;
  return async () => {
    const connections = database.connections();
    return {
      latchkey_workers: 1,
      latchkey_build_info: { [packed.version]: 1 },
      latchkey_budget_refusals_total: Object.fromEntries(parts.refusals.counts()),
      latchkey_password_hashes_total: passwordHasher.runs(),
      latchkey_password_hashes_refused_total: passwordHasher.refused(),
      latchkey_password_hashes_waiting: passwordHasher.waiting(),
      latchkey_password_hash_slots: config.hash.slots,
      latchkey_signing_key_age_seconds: secondsBetween(keyRing.signer().activeAt, clock()),
      ...(connections !== null && {
        latchkey_database_connections: { in_use: connections.inUse, idle: connections.idle },
        latchkey_database_connections_awaited: connections.awaited,
      }),
      ...(config.database.kind === 'postgresql' && { latchkey_database_connections_max: config.database.poolSize }),
      ...(database.replicas !== null && readingsOf(database.replicas)),
      ...(await inTime(readShared(parts))),
    };
  };
}

function readingsOf(replicas: Replicas): Readings {
  const states = replicas.states().filter(({ isPrimary }) => !isPrimary);
  const ofEach = (value: (state: (typeof states)[number]) => number) =>
    Object.fromEntries(states.map((state) => [String(state.number), value(state)]));
  const lags = states.flatMap(({ number, lagSeconds }) => (lagSeconds === null ? [] : [[String(number), lagSeconds]]));
  return {
    latchkey_read_replica_used: ofEach(({ isUsed }) => (isUsed ? 1 : 0)),
    latchkey_read_replica_lag_seconds: Object.fromEntries(lags),
    latchkey_late_reads_total: { ...ofEach(({ reads }) => reads), primary: replicas.readsOfPrimary() },
  };
}

/** What only the database knows. */
async function readShared({ clock, database }: Parts): Promise<Readings> {
  const [mails, cleanUpAge, skew] = await Promise.all([
    readMailQueue(database),
    readCleanUpAge(database),
    database.clockSkewSeconds() ?? readClockSkew(database, clock),
  ]);
  return {
    latchkey_database_up: 1,
    latchkey_clock_skew_seconds: Math.abs(skew),
    latchkey_emails_waiting: mails.waiting,
    latchkey_emails_oldest_seconds: mails.oldestSeconds ?? 0,
    latchkey_emails_dead: mails.dead,
    ...(cleanUpAge !== null && { latchkey_clean_up_age_seconds: cleanUpAge }),
  };
}

const READ_CLEAN_UP_AGE = {
  name: 'read-clean-up-age',
  text: `
    SELECT extract(epoch FROM now() - coalesce(
             (SELECT max(completed_on) FROM pgboss.job WHERE name = 'clean-up' AND state = 'completed'),
             greatest(created_on, now() - interval '1 day')))::float8 AS age
      FROM pgboss.queue WHERE name = 'clean-up'`,
};

/**
 * How long ago a clean-up was last completed, in seconds, at least: jobs are on record for a day, and a new database
 * has had none. Null before the first start is complete.
 */
async function readCleanUpAge(database: Parts['database']): Promise<number | null> {
  const [row] = await database.query<{ age: number | null }>(READ_CLEAN_UP_AGE, []);
  return row?.age ?? null;
}

async function inTime(reading: Promise<Readings>): Promise<Readings> {
  const { promise: late, resolve } = Promise.withResolvers<Readings>();
  const timer = setTimeout(resolve, DATABASE_WAIT_MS, { latchkey_database_up: 0 });
  try {
    return await Promise.race([reading.catch(() => ({ latchkey_database_up: 0 })), late]);
  } finally {
    clearTimeout(timer);
  }
}

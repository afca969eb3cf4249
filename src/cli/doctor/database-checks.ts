/** What `latchkey doctor` checks in a database that it can reach. Nothing is changed. */
import type { Config } from '#config/config.ts';
import { readAuditMonths } from '#core/database/audit-months.ts';
import { readClockSkew } from '#core/database/clock-skew.ts';
import { hasLost } from '#core/database/database-age.ts';
import { exhaustedBudgets } from '#core/limits/budget-state.ts';
import { BUDGET_NAMES } from '#core/limits/budgets.ts';
import { readMailQueue } from '#core/mail/queue-state.ts';
import { deriveSecrets } from '#core/secrets.ts';
import { daysAfter } from '#core/time.ts';
import { requireOpenKeys } from '#core/tokens/key-rotation.ts';
import { systemClock } from '#outside/clock.ts';
import type { Database } from '#outside/database.ts';
import { highWaterMarkOf } from '#outside/high-water-mark.ts';
import { readMigrationState } from '#outside/migrations/migration-history.ts';
import {
  engineProblem,
  READ_FACTS,
  READ_VERSION,
  type ServerFacts,
  serverProblem,
} from '#outside/postgresql/server-facts.ts';
import { readSecretFile } from '#outside/secret-file.ts';
import { fail, ok, type Verdict, warn } from './verdict.ts';

const MAX_SKEW_SECONDS = 2;
/** An email that has waited this long was refused several times, or no service is running. */
const OLD_MAIL_MINUTES = 10;

/** Whether the database answers and can be used. */
export async function version(database: Database): Promise<Verdict> {
  await database.ping();
  const [server] = await database.query<Pick<ServerFacts, 'version'>>(
    { name: 'doctor-version', text: READ_VERSION },
    [],
  );
  const engine = engineProblem(server?.version ?? 'unknown');
  if (engine !== null) return fail(engine);
  const [facts] = await database.query<ServerFacts>({ name: 'doctor-facts', text: READ_FACTS }, []);
  const problem = facts === undefined ? 'It did not report its version.' : serverProblem(facts);
  if (facts === undefined || problem !== null) return fail(problem ?? '');
  return ok(`${database.kind === 'embedded' ? 'embedded ' : ''}PostgreSQL ${facts.number}`);
}

/** Whether the schema of the database is the one that this version needs. */
export async function migrations(database: Database): Promise<Verdict> {
  const { missing, unknown } = await readMigrationState(database);
  if (unknown.length > 0) {
    return fail(`The database was migrated by a newer version: it has ${unknown.join(', ')}. Run that version.`);
  }
  if (missing.length > 0) {
    return warn(`The next start or \`latchkey migrate\` will apply: ${missing.join(', ')}`);
  }
  return ok('up to date');
}

/** Whether SECRET or SECRET_PREVIOUS decrypts every stored key. */
export async function keys(database: Database, config: Config): Promise<Verdict> {
  if (!(await hasTable(database, 'signing_keys'))) return warn('There are no keys yet. The first start creates them.');
  const count = await database.prisma.signingKey.count();
  const { secret } = config;
  const master = secret.kind === 'given' ? secret.value : readSecretFile(secret.file);
  if (master === null) {
    if (count === 0) return warn('There is no secret yet. The first start creates it.');
    const file = secret.kind === 'generated' ? secret.file : 'the file';
    return fail(
      `The database has signing keys, but the secret that decrypts them is missing. Restore ${file} or set SECRET.`,
    );
  }
  if (count === 0) return warn('There are no keys yet. The first start creates them.');
  const secrets = deriveSecrets(master, config.previousSecret);
  await requireOpenKeys({ database, secrets, clock: systemClock, config });
  return ok(`${count} in the key ring; SECRET decrypts all of them`);
}

/**
 * Whether the clock of this machine agrees with the database's. Replicas follow the latter, but other services compare
 * the times in tokens with their own clocks, and log lines have the time of this machine.
 */
export async function clock(database: Database): Promise<Verdict> {
  const skew = await readClockSkew(database, systemClock);
  const seconds = Math.abs(skew).toFixed(1);
  if (Math.abs(skew) <= MAX_SKEW_SECONDS) return ok(`${seconds} s apart from the database clock`);
  return warn(`${seconds} s ${skew < 0 ? 'behind' : 'ahead of'} the database clock. Synchronize both with NTP.`);
}

/** Whether the next months of the audit log exist. Otherwise retention has to delete its events one by one. */
export async function auditLog(database: Database): Promise<Verdict> {
  const months = await readAuditMonths(database);
  if (months === null) return warn('It is not partitioned by month yet. The next start does that.');
  const until = months.end.toISOString().slice(0, 10);
  if (!months.hasLaterEvents && months.end > daysAfter(systemClock(), 31)) return ok(`months exist until ${until}`);
  return warn(
    `There is no month from ${until} on. The service creates them when it starts and every 15 minutes: search its log ` +
      'for `clean-up failed`, and run `latchkey migrate`. Until then, later events share one table.',
  );
}

/** Whether emails are being sent: how many wait, for how long, and how many were given up. */
export async function mailQueue(database: Database): Promise<Verdict> {
  if (!(await hasTable(database, 'pgboss.job'))) return warn('There is no queue yet. The first start creates it.');
  const { waiting, oldestSeconds, dead } = await readMailQueue(database);
  const minutes = Math.floor((oldestSeconds ?? 0) / 60);
  const age =
    waiting === 0 ? '' : minutes === 0 ? ', the oldest for less than a minute' : `, the oldest for ${minutes} min`;
  const state = `${waiting} waiting${age}; ${dead} given up`;
  return dead > 0 || minutes >= OLD_MAIL_MINUTES ? warn(`${state}. See \`latchkey mail list\`.`) : ok(state);
}

/** Whether this machine has seen a newer state of the database; null if not. */
export async function olderThanItWas(database: Database, config: Config): Promise<Verdict | null> {
  const seen = highWaterMarkOf(config)?.read() ?? null;
  if (seen === null || !(await hasTable(database, 'audit_events'))) return null;
  const { auditRetentionSeconds } = config;
  if (!(await hasLost(database, seen, { now: systemClock(), auditRetentionSeconds }))) return null;
  return warn(
    `The database is older than it was when this machine saw it on ${seen.occurredAt.toISOString()}. If a backup was ` +
      'restored, stop the service and run `latchkey restored`. Otherwise, what was revoked since then works again.',
  );
}

async function hasTable(database: Database, name: string): Promise<boolean> {
  const [row] = await database.query<{ exists: boolean }>(
    { name: 'doctor-table', text: 'SELECT to_regclass($1) IS NOT NULL AS "exists"' },
    [name],
  );
  return row?.exists === true;
}

/** Which of the budgets in docs/abuse-control.md refuse someone now. That is their job, so it is never a failure. */
export async function budgets(database: Database): Promise<Verdict> {
  if (!(await hasTable(database, 'throttles'))) return ok(`${BUDGET_NAMES.length}, none used yet`);
  const exhausted = await exhaustedBudgets({ database }, systemClock());
  if (exhausted.length === 0) return ok(`${BUDGET_NAMES.length}, none of them exhausted`);
  return ok(`refusing now: ${exhausted.map(({ name, count }) => `${name} (${count})`).join(', ')}`);
}

/**
 * Opens what both the server and the operator commands need: the database with its migrations applied, the signing
 * keys, and the mail queue. Serves no requests and sends no email.
 */
import { PgBoss } from 'pg-boss';
import { NIL } from 'uuid';
import type { Config } from '#config/config.ts';
import { normalizeStoredPhones } from '#core/accounts/stored-phones.ts';
import { withRetriedQueries, withRetriedStatements } from '#core/conflict.ts';
import type { Parts } from '#core/context.ts';
import { makeAuditMonths } from '#core/database/audit-months.ts';
import { createBudgetLedger } from '#core/limits/budget-ledger.ts';
import { BUDGET_NAMES } from '#core/limits/budgets.ts';
import { createKeyedQueue } from '#core/limits/keyed-queue.ts';
import { createRefusals } from '#core/limits/refusals.ts';
import { createMailQueues, createOutbox, MAIL_QUEUE } from '#core/mail/outbox.ts';
import { type MailTemplates, readTemplates } from '#core/mail/templates/mail-templates.ts';
import { createEqualTime } from '#core/passwords/equal-time.ts';
import { resealTotpSecrets } from '#core/second-factors/totp-resealing.ts';
import { deriveSecrets } from '#core/secrets.ts';
import { OPEN, OPEN_FREE } from '#core/sessions/batches/open-statements.ts';
import { createSessionOpener } from '#core/sessions/batches/session-opener.ts';
import { createSessionReader } from '#core/sessions/batches/session-reader.ts';
import { createSessionRotator } from '#core/sessions/batches/session-rotator.ts';
import { createAccountFinder } from '#core/sign-in/account-finder.ts';
import { createAccessTokens } from '#core/tokens/access-token.ts';
import { openKeyRing, requireNoKeys } from '#core/tokens/key-ring.ts';
import { logFault } from '#errors/outage.ts';
import { createCaptcha } from '#outside/captcha-provider.ts';
import type { Clock } from '#outside/clock.ts';
import { type Database, openDatabase } from '#outside/database.ts';
import type { Log } from '#outside/log.ts';
import { PRISMA_DIRECTORY } from '#outside/migrations/migration-files.ts';
import { JOB_SCHEMA } from '#outside/migrations/migration-history.ts';
import { applyMigrations } from '#outside/migrations/migrations.ts';
import { createBreachedPasswords } from '#outside/passwords/breached-passwords.ts';
import { createPasswordHasher } from '#outside/passwords/password-hasher.ts';
import { awaitPostgresql } from '#outside/postgresql/start.ts';
import { makeSecretFile, readSecretFile } from '#outside/secret-file.ts';
import type { Metrics } from '#outside/telemetry/metrics.ts';
import { tracedAdapters, tracedDatabase, tracedHasher } from '#outside/telemetry/traced.ts';
import type { Tracing } from '#outside/telemetry/tracing.ts';
import { readTemplateFiles } from '#outside/template-files.ts';

export type PartsOptions = {
  /** Instead of the clock that the processes on a database share. */
  clock?: Clock | undefined;
  log: Log;
  /** Called when the start has to wait for PostgreSQL or for the migration of another process. */
  onWaiting?: () => void;
  /** Called after the commit of a transaction that queued an email. */
  onMailQueued?: () => void;
  /** The pause before an email is first retried, in seconds. */
  mailRetrySeconds?: number;
  /** Maintains the queue: expires, retries, and removes jobs. A command does not, as it is about to exit. */
  supervisesJobs?: boolean;
  /** Null, as for commands, if /metrics is not served. */
  metrics?: Metrics | null;
  /** Null, as for commands, if no traces are sent. */
  tracing?: Tracing | null;
  /** Creates and drops signing keys as the settings require. A command does not: its settings may differ. */
  tendsKeys?: boolean;
};

export type OpenParts = {
  parts: Parts;
  boss: PgBoss;
  /** Stops the password hasher, the queue, and the database. Call it when nothing is in progress. */
  close: () => Promise<void>;
};

/** Fails with an OperatorError when the database, its migrations, or its keys cannot be used, leaving nothing open. */
export async function openParts(config: Config, options: PartsOptions): Promise<OpenParts> {
  const templates = readTemplates(readTemplateFiles(config.templatesDir));
  const { log, onWaiting } = options;
  if (config.database.kind === 'postgresql') await awaitPostgresql(config.database, log, onWaiting);
  const { tracing = null } = options;
  const database = await openDatabase(config.database, log, (adapters) =>
    withRetriedQueries(tracing === null ? adapters : tracedAdapters(adapters, tracing)),
  );
  try {
    const traced = tracing === null ? database : tracedDatabase(database, tracing);
    return await openPartsOn(withRetriedStatements(traced), config, templates, options);
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function openPartsOn(
  database: Database,
  config: Config,
  templates: MailTemplates,
  options: PartsOptions,
): Promise<OpenParts> {
  const {
    log,
    onWaiting,
    onMailQueued = () => {},
    mailRetrySeconds = 5,
    supervisesJobs = true,
    tendsKeys = true,
    metrics = null,
    tracing = null,
  } = options;
  const clock = options.clock ?? (await database.followClock());
  await applyMigrations(database, log, PRISMA_DIRECTORY, onWaiting);
  await prepareAuditMonths({ db: database.prisma, clock, log });
  await normalizeStoredPhones({ database, clock, log, config });
  const secrets = deriveSecrets(await masterSecret(config, database), config.previousSecret);
  const keyRing = await openKeyRing({ config, database, secrets, clock, log, tendsKeys });

  if (tendsKeys && secrets.previous !== null) {
    const unreadable = await resealTotpSecrets(database.prisma, secrets);
    if (unreadable > 0) log.warn({ unreadable }, 'authenticator apps were set up with another SECRET and do not work');
  }

  const jobs = { supervise: supervisesJobs, schedule: supervisesJobs };
  const boss = new PgBoss({ ...database.jobs, schema: JOB_SCHEMA, ...jobs });
  boss.on('error', (error) => logFault(log, error, {}, 'job queue failed'));
  await boss.start();
  await createMailQueues(boss, mailRetrySeconds);
  // pg-boss looks up a queue on first use; inside a transaction, the embedded database would deadlock with itself.
  await boss.getJobById(MAIL_QUEUE, NIL);

  const hasher = createPasswordHasher(config.hash, { log });
  const passwordHasher = tracing === null ? hasher : tracedHasher(hasher, tracing);
  const parts: Parts = {
    config,
    clock,
    log,
    database,
    secrets,
    keyRing,
    accessTokens: createAccessTokens({ config, keyRing, clock }),
    accountFinder: createAccountFinder({ database, clock, tracing }),
    budgetLedger: createBudgetLedger({ database, clock, tracing }),
    sessionOpener: createSessionOpener({ database, tracing, statements: { open: OPEN, openFree: OPEN_FREE } }),
    sessionReader: createSessionReader({ database, tracing }),
    sessionRotator: createSessionRotator({ database, clock, tracing, config }),
    passwordHasher,
    equalTime: createEqualTime({ database, passwordHasher, clock }),
    breachedPasswords: createBreachedPasswords(config.breachCheck, { clock, log }),
    captcha: createCaptcha(config.captcha, log),
    keyedQueue: createKeyedQueue(),
    refusals: createRefusals(BUDGET_NAMES),
    outbox: createOutbox(boss, onMailQueued, tracing?.traceparent),
    metrics,
    tracing,
    templates,
  };
  return {
    parts,
    boss,
    close: async () => {
      await keyRing.close();
      await boss.stop({ graceful: true, timeout: 10_000, close: false });
      await passwordHasher.close();
      await database.close();
    },
  };
}

/** If it fails, the start continues: events have a place in any case, and the clean-up tries again. */
async function prepareAuditMonths(parts: Parameters<typeof makeAuditMonths>[0]): Promise<void> {
  try {
    await makeAuditMonths(parts);
  } catch (error) {
    logFault(parts.log, error, {}, 'could not create the next months of the audit log; will retry');
  }
}

/** The configured secret, or the one in DATA_DIR: created on the very first start, never for a database with keys. */
async function masterSecret(config: Config, database: Database): Promise<string> {
  if (config.secret.kind === 'given') return config.secret.value;
  const existing = readSecretFile(config.secret.file);
  if (existing !== null) return existing;
  await requireNoKeys(database, config.secret.file);
  return makeSecretFile(config.secret.file);
}

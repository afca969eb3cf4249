/**
 * What the service stands on, for the process that serves and for the commands of an operator alike: opens the database
 * and brings it up to date, unlocks the keys, opens the mail queue. Serves nothing and sends nothing.
 */
import { PgBoss } from 'pg-boss';
import { NIL } from 'uuid';
import type { Config } from '#config/config.ts';
import type { Parts } from '#core/context.ts';
import { createKeyedQueue } from '#core/limits/keyed-queue.ts';
import { createMailQueues, createOutbox, MAIL_QUEUE } from '#core/mail/outbox.ts';
import { createEqualTime } from '#core/passwords/equal-time.ts';
import { deriveSecrets } from '#core/secrets.ts';
import { createAccessTokens } from '#core/tokens/access-token.ts';
import { openKeyRing, requireNoKeys } from '#core/tokens/key-ring.ts';
import { createCaptcha } from '#outside/captcha-provider.ts';
import type { Clock } from '#outside/clock.ts';
import { type Database, openDatabase } from '#outside/database.ts';
import type { Log } from '#outside/log.ts';
import { applyMigrations } from '#outside/migrations.ts';
import { createPasswordHasher } from '#outside/password-hasher.ts';
import { makeSecretFile, readSecretFile } from '#outside/secret-file.ts';

export type PartsOptions = {
  clock: Clock;
  log: Log;
  /** After the commit of a transaction that queued an email. */
  onMailQueued?: () => void;
  /** The first pause before an email is tried again. */
  mailRetrySeconds?: number;
  /** Looks after the queue: expires, retries and removes jobs. A command that is about to end does not. */
  supervisesJobs?: boolean;
  /** Makes and drops signing keys as the settings want it. A command does not: its settings may be others. */
  tendsKeys?: boolean;
};

export type OpenParts = {
  parts: Parts;
  boss: PgBoss;
  /** Ends the hash slots, the queue and the database. Call it when nothing is under way. */
  close: () => Promise<void>;
};

/** Fails with an OperatorError when the database, its migrations or its keys cannot be used; nothing stays open then. */
export async function openParts(config: Config, options: PartsOptions): Promise<OpenParts> {
  const database = await openDatabase(config.database, options.log);
  try {
    return await openPartsOn(database, config, options);
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function openPartsOn(database: Database, config: Config, options: PartsOptions): Promise<OpenParts> {
  const {
    clock,
    log,
    onMailQueued = () => {},
    mailRetrySeconds = 5,
    supervisesJobs = true,
    tendsKeys = true,
  } = options;
  await applyMigrations(database, log);
  const secrets = deriveSecrets(await masterSecret(config, database), config.previousSecret);
  const keyRing = await openKeyRing({ config, database, secrets, clock, log, tendsKeys });

  const jobs = { supervise: supervisesJobs, schedule: supervisesJobs };
  const boss = new PgBoss({ ...database.jobs, schema: 'pgboss', ...jobs });
  boss.on('error', (error) => log.error({ err: error }, 'job queue'));
  await boss.start();
  await createMailQueues(boss, mailRetrySeconds);
  // pg-boss looks a queue up at its first use; in a transaction the embedded database would wait for itself.
  await boss.getJobById(MAIL_QUEUE, NIL);

  const passwordHasher = createPasswordHasher(config.hash, { log });
  const parts: Parts = {
    config,
    clock,
    log,
    database,
    secrets,
    keyRing,
    accessTokens: createAccessTokens({ config, keyRing, clock }),
    passwordHasher,
    equalTime: createEqualTime({ database, passwordHasher, clock }),
    captcha: createCaptcha(config.captcha, log),
    keyedQueue: createKeyedQueue(),
    outbox: createOutbox(boss, onMailQueued),
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

/** The given secret, or the one in DATA_DIR, made at the very first start. Never a new one for a database that has keys. */
async function masterSecret(config: Config, database: Database): Promise<string> {
  if (config.secret.kind === 'given') return config.secret.value;
  const existing = readSecretFile(config.secret.file);
  if (existing !== null) return existing;
  await requireNoKeys(database, config.secret.file);
  return makeSecretFile(config.secret.file);
}

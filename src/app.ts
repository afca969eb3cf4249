/**
 * The composition root: the only file that knows every part. Opens the database and brings it up to date, unlocks the
 * keys, starts the mail worker, and puts the faces in front.
 */
import { Hono } from 'hono';
import { PgBoss } from 'pg-boss';
import type { Config } from '#config.ts';
import { createAccessTokens } from '#core/access-token.ts';
import type { Ctx, Parts } from '#core/context.ts';
import { openKeyRing, requireNoKeys } from '#core/key-ring.ts';
import { JWKS_MAX_AGE_SECONDS } from '#core/key-rotation.ts';
import { createOutbox } from '#core/outbox.ts';
import { deriveSecrets } from '#core/secrets.ts';
import { createTurns } from '#core/turns.ts';
import { createGraphiql } from '#graphql/graphiql.ts';
import { createGraphql } from '#graphql/yoga.ts';
import { type Clock, systemClock } from '#outside/clock.ts';
import { type Database, openDatabase } from '#outside/database.ts';
import { createLog, type Log } from '#outside/log.ts';
import { createMailer, type Mailer } from '#outside/mailer.ts';
import { applyMigrations } from '#outside/migrations.ts';
import { createPasswordHasher } from '#outside/password-hasher.ts';
import { makeSecretFile, readSecretFile } from '#outside/secret-file.ts';
import { createPages } from '#pages/pages.ts';
import { createOperations } from '#rest/operations.ts';
import { createFront, type Front } from './front.ts';
import { createMailQueues, type MailWorker, startMailWorker } from './mail-worker.ts';
import { createContextBuilder } from './request.ts';

export type App = Front & {
  parts: Parts;
  mailer: Mailer;
  /** Makes /readyz say no, so that a balancer stops sending before the listener closes. */
  stopAccepting: () => void;
  /** Ends the mail worker, the hash slots and the database. Call it when no request is under way. */
  close: () => Promise<void>;
};

/** What tests replace: the time of day, where the log goes, how soon a mail is tried again. */
export type Overrides = { clock?: Clock; log?: Log; mailRetrySeconds?: number };

export async function createApp(config: Config, overrides: Overrides = {}): Promise<App> {
  const clock = overrides.clock ?? systemClock;
  const log = overrides.log ?? createLog(config.logLevel);
  const database = await openDatabase(config.database, log);
  try {
    return await createAppOn(database, config, clock, log, overrides);
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function createAppOn(
  database: Database,
  config: Config,
  clock: Clock,
  log: Log,
  overrides: Overrides,
): Promise<App> {
  await applyMigrations(database, log);
  const secrets = deriveSecrets(await masterSecret(config, database), config.previousSecret);
  const keyRing = await openKeyRing({ config, database, secrets, clock, log });

  const boss = new PgBoss({ ...database.jobs, schema: 'pgboss' });
  boss.on('error', (error) => log.error({ err: error }, 'job queue'));
  await boss.start();
  await createMailQueues(boss, overrides.mailRetrySeconds ?? 5);

  let worker: MailWorker | null = null;
  const passwordHasher = createPasswordHasher(config.hash, { log });
  const mailer = createMailer(config.mail, clock, log);
  const parts: Parts = {
    config,
    clock,
    log,
    database,
    secrets,
    keyRing,
    accessTokens: createAccessTokens({ config, keyRing, clock }),
    passwordHasher,
    turns: createTurns(),
    outbox: createOutbox(boss, () => worker?.wake()),
  };
  worker = await startMailWorker(boss, parts, mailer);

  let isAccepting = true;
  const contextFor = createContextBuilder(parts);
  const rest = new Hono<{ Bindings: { ctx: Ctx } }>();
  rest.route(
    '/',
    createOperations({
      ping: () => database.ping(),
      isAccepting: () => isAccepting,
      jwks: () => keyRing.jwks(),
      jwksMaxAgeSeconds: JWKS_MAX_AGE_SECONDS,
    }),
  );
  rest.route('/', createPages({ mailbox: mailer.mailbox, passwordMinLength: config.passwordMinLength }));
  if (config.graphiql) rest.get('/', (c) => c.redirect('graphql'));
  rest.notFound((c) => c.json({ error: 'Not found.' }, 404));
  rest.onError((error, c) => {
    // The client hung up: nobody hears the answer, and it is no fault of ours.
    if (c.req.raw.signal.aborted) return c.body(null, 400);
    const { requestId } = c.env.ctx.caller;
    log.error({ err: error, requestId }, 'unexpected error');
    return c.json({ error: 'Unexpected error.', requestId }, 500);
  });
  const front = createFront({
    graphql: createGraphql(config, log),
    graphiql: config.graphiql ? createGraphiql({ endpoint: '/graphql', title: 'Latchkey' }) : null,
    rest,
    contextFor,
    log,
  });

  return {
    ...front,
    parts,
    mailer,
    stopAccepting: () => {
      isAccepting = false;
    },
    close: async () => {
      isAccepting = false;
      await worker.stop();
      await keyRing.close();
      await boss.stop({ graceful: true, timeout: 10_000, close: false });
      await passwordHasher.close();
      await mailer.close();
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

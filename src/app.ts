/**
 * The composition root: the only file that knows every part. Opens the parts (parts.ts), starts the mail worker, and
 * puts the faces (GraphQL, REST, pages) in front.
 */
import type { Config } from '#config/config.ts';
import type { Parts } from '#core/context.ts';
import { isEqual } from '#core/secrets.ts';
import { isOpenMethod } from '#core/sign-in-methods.ts';
import { JWKS_MAX_AGE_SECONDS } from '#core/tokens/key-rotation.ts';
import { createGraphiql } from '#graphql/graphiql/graphiql.ts';
import { createOperations } from '#graphql/operations/operations.ts';
import { createPlainPost } from '#graphql/operations/plain-post.ts';
import { createGraphql } from '#graphql/operations/yoga.ts';
import { createFront, type Front } from '#http/front.ts';
import { bearerTokenOf, createContextBuilder } from '#http/request.ts';
import { createRequestEnd } from '#http/request-end.ts';
import { securityHeadersOf } from '#http/security-headers.ts';
import { type AgeWatch, startAgeWatch } from '#jobs/age-watch.ts';
import { scheduleCleanUp } from '#jobs/clean-up.ts';
import { type MailWorker, startMailWorker } from '#jobs/mail-worker.ts';
import { highWaterMarkOf } from '#outside/high-water-mark.ts';
import { createLog, type Log } from '#outside/log.ts';
import { createMailer, type Mailer } from '#outside/mail/mailer.ts';
import type { Tracing } from '#outside/telemetry/tracing.ts';
import { createHomePages, createNotFound, type Place } from '#pages/home-pages.ts';
import { createPages } from '#pages/pages.ts';
import { createRest } from '#rest/app.ts';
import { createHealth } from '#rest/health.ts';
import { createMetadata } from '#rest/metadata.ts';
import { createMetricsPage } from '#rest/metrics.ts';
import { createOauth } from '#rest/oauth.ts';
import packed from '../package.json' with { type: 'json' };
import { openParts, type PartsOptions } from './parts.ts';
import { createReadings } from './readings.ts';

export type App = Front & {
  parts: Parts;
  mailer: Mailer;
  /** Handles requests of the port for metrics; null if there is none. */
  metricsFetch: ((request: Request) => Response | Promise<Response>) | null;
  /** Makes /readyz fail, so that a load balancer stops sending requests before the listener closes. */
  stopAccepting: () => void;
  /** Stops the mail worker, the password hasher, and the database. Call it when no request is in progress. */
  close: () => Promise<void>;
};

/** What the process brings along, and what tests replace: the clock, the log, and how soon an email is retried. */
export type Overrides = Partial<Pick<PartsOptions, 'clock' | 'log' | 'mailRetrySeconds' | 'onWaiting'>> & {
  /** False for all workers but one: they clean up nothing and tend no keys. */
  isLeader?: boolean;
  /** The metrics of all workers; absent if there is one process. */
  metricsText?: () => Promise<string>;
};

export async function createApp(config: Config, overrides: Overrides = {}): Promise<App> {
  let worker: MailWorker | null = null;
  const { isLeader = true } = overrides;
  let ageWatch: AgeWatch | null = null;
  const log = overrides.log ?? createLog(config.logLevel);
  for (const { variable, problem } of config.warnings) log.warn({ setting: variable }, `${variable} ${problem}`);
  const metrics = config.metrics === null ? null : (await import('#outside/telemetry/metrics.ts')).createMetrics();
  const tracing = await openTracing(config, log);
  const opened = await openParts(config, {
    ...overrides,
    log,
    metrics,
    tracing,
    supervisesJobs: isLeader,
    tendsKeys: isLeader,
    onMailQueued: () => worker?.wake(),
  });
  const { parts, boss } = opened;
  const { database, keyRing } = parts;
  const mailer = createMailer(config.mail, parts.clock, log);
  metrics?.readFrom(createReadings(parts));
  database.replicas?.watch();
  try {
    worker = await startMailWorker(boss, parts, mailer);
    if (isLeader) await scheduleCleanUp(boss, parts);
    const mark = isLeader ? highWaterMarkOf(config) : null;
    ageWatch = mark && (await startAgeWatch(parts, mark));
  } catch (error) {
    await opened.close();
    throw error;
  }

  let isAccepting = true;
  const contextFor = createContextBuilder(parts);
  const hasPasswords = isOpenMethod(parts, 'password');
  const places = placesOf(config, mailer);
  const text = overrides.metricsText ?? metrics?.text;
  const metricsPage = text && metricsPageOf(config, text);
  const rest = createRest(
    config,
    [
      createHealth({ ping: () => database.ping(), isAccepting: () => isAccepting }),
      createMetadata({
        publicUrl: config.publicUrl,
        hasServiceClients: config.serviceClients.length > 0,
        algorithms: () => keyRing.algorithms(),
        jwks: () => keyRing.jwks(),
        changePasswordUrl: hasPasswords ? config.changePasswordUrl : null,
        maxAgeSeconds: JWKS_MAX_AGE_SECONDS,
      }),
      ...(config.serviceClients.length > 0 ? [createOauth()] : []),
      ...(metricsPage && config.metrics?.port === null ? [metricsPage] : []),
      createHomePages({ brand: config.brand, publicUrl: config.publicUrl, places }),
      createPages({
        mailbox: mailer.mailbox,
        passwordMinLength: config.passwordMinLength,
        hasPasswords,
        brand: config.brand,
        pageUrls: config.pageUrls,
      }),
    ],
    createNotFound(config.brand),
  );
  const operations = createOperations(config, log, tracing);
  const graphql = createGraphql(config, log, operations);
  const front = createFront({
    config,
    graphql,
    plainPost: createPlainPost(graphql, operations, config),
    graphiql: config.graphiql
      ? createGraphiql({ endpoint: '/graphql', title: 'Latchkey', links: places.flatMap(linkOf) })
      : null,
    rest,
    contextFor,
    securityHeaders: securityHeadersOf(config),
    log,
    tracing,
    noteEnd: createRequestEnd({ log, logSample: config.logSample, plainPaths: plainPathsOf(rest) }),
  });

  return {
    ...front,
    parts,
    mailer,
    metricsFetch: text === undefined ? null : metricsFetchOf(config, text),
    stopAccepting: () => {
      isAccepting = false;
    },
    close: async () => {
      isAccepting = false;
      await ageWatch?.stop();
      await worker.stop();
      await mailer.close();
      await opened.close();
      await tracing?.close();
    },
  };
}

/** Loads what makes traces only if they are sent. */
async function openTracing({ tracing }: Config, log: Log): Promise<Tracing | null> {
  if (tracing === null) return null;
  const { createTracing } = await import('#outside/telemetry/tracing.ts');
  return createTracing({ ...tracing, version: packed.version }, log);
}

function metricsPageOf(config: Config, text: () => Promise<string>) {
  return createMetricsPage({ text, isAllowed: mayReadMetrics(config) });
}

/** What answers on the port for metrics; null if there is none. */
export function metricsFetchOf(config: Config, text: () => Promise<string>): App['metricsFetch'] {
  if (config.metrics === null || config.metrics.port === null) return null;
  const page = metricsPageOf(config, text);
  return (request) => page.fetch(request);
}

/** Without a token, a port of its own is open to anyone who reaches it. */
function mayReadMetrics({ metrics }: Config): (authorization: string | null) => boolean {
  const token = metrics?.token ?? null;
  return (authorization) => token === null || isEqual(token, bearerTokenOf(authorization) ?? '');
}

/** The paths of /graphql, pages and health checks; those of the REST APIs are named by the APIs. */
function plainPathsOf(rest: ReturnType<typeof createRest>): ReadonlySet<string> {
  return new Set(['/graphql', ...rest.routes.map(({ path }) => path).filter((path) => !/[:*{]/.test(path))]);
}

/** What can be opened, as the settings have it, with the pages for people first. */
function placesOf(config: Config, { mailbox }: Mailer): Place[] {
  const graphiql = { key: 'graphql', text: 'GraphiQL', path: 'graphql', about: 'The GraphQL API, to try it out.' };
  const graphql = { key: 'graphql', text: 'GraphQL', path: 'graphql', about: 'The API of this service.' };
  const about = 'A reference to try them out.';
  return [
    config.graphiql ? graphiql : graphql,
    ...(config.reference ? [{ key: 'reference', text: 'REST APIs', path: 'docs', about }] : []),
    ...(mailbox === null
      ? []
      : [{ key: 'mailbox', text: 'Mailbox', path: 'dev/mailbox', about: 'Emails that would have been sent.' }]),
    { key: 'jwks', text: 'Public keys', path: '.well-known/jwks.json', about: 'To verify access tokens with.' },
  ];
}

/** The places that GraphiQL leads to. */
function linkOf({ key, text, path }: Place): { text: string; href: string }[] {
  return ['mailbox', 'reference'].includes(key) ? [{ text, href: path }] : [];
}

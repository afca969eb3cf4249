/** The server process: reads the settings, starts the app, listens, and drains on SIGTERM or SIGINT. */
import cluster from 'node:cluster';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import { setTimeout } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import { WORKER_VARIABLE } from '#cluster/messages.ts';
import { startWorkers, WorkerNotStartedError } from '#cluster/primary.ts';
import { joinPrimary } from '#cluster/worker.ts';
import { type Config, parseConfig } from '#config/config.ts';
import { explain } from '#errors/operator-error.ts';
import { logFault } from '#errors/outage.ts';
import { securityHeadersOf } from '#http/security-headers.ts';
import {
  countRequests,
  createHttpServer,
  createHttpsServer,
  type HttpServerOptions,
  type RequestCount,
} from '#http/server.ts';
import { createStarting } from '#http/starting.ts';
import { listen } from '#outside/listen.ts';
import { createLog, type Log } from '#outside/log.ts';
import { inSources } from '#outside/source-places.ts';
import { keepTlsCertificate, readTlsCertificate } from '#outside/tls-certificate.ts';
import { type App, createApp, metricsFetchOf } from './app.ts';

/**
 * The share of SHUTDOWN_TIMEOUT that requests in progress may use; the rest is for the mail worker and the database.
 */
const DRAIN_SHARE = 2 / 3;

/**
 * What a signal does. Until the service has started, it just ends the process: nothing was acknowledged, and what a
 * migration has not finished is rolled back.
 */
let stop = (_signal: NodeJS.Signals): void => process.exit(0);

async function main(): Promise<void> {
  // PID 1 of a container has no default signal handler.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop(signal));

  // At this signal Node opens its inspector to everyone on the machine, unless the program listens to the signal
  // itself.
  if (process.env['NODE_ENV'] === 'production') process.on('SIGUSR1', () => {});

  const config = parseConfig(process.env, (path) => readFileSync(path, 'utf8'), readFileSync);
  if (cluster.isWorker) await serve(config, Number(process.env[WORKER_VARIABLE]));
  else if (config.workers > 1) await supervise(config);
  else await serve(config, null);
}

/** Answers requests. @param worker the number of this process among several; null if there is only this one */
async function serve(config: Config, worker: number | null): Promise<void> {
  const log = worker === null ? createLog(config.logLevel) : createLog(config.logLevel).child({ worker });
  logCrashes(log);
  const link = worker === null ? null : joinPrimary();
  const headers = securityHeadersOf(config);
  const starting = createStarting(headers);
  const requests = countRequests(starting.listener);
  const server = openServer(config, log, requests.listener, {
    keepAliveSeconds: config.keepAliveSeconds,
    headers,
    onRefused: (refusal) => log.info(refusal, 'refused request'),
  });
  const { host } = config.listen;
  const port = await listen(server, config.listen);
  log.info({ host, port }, 'starting');
  const app = await createApp(config, {
    log,
    onWaiting: starting.waits,
    isLeader: worker === null || worker === 0,
    ...(link !== null && { metricsText: link.metricsOfAll }),
  });
  const { metrics } = app.parts;
  if (link !== null && metrics !== null) link.snapshotFrom(metrics.snapshot);
  // With several workers, the primary serves it.
  const metricsServer = link === null ? await listenForMetrics(app.metricsFetch, config, log) : null;
  starting.ends(app.listener);
  if (worker === null || worker === 0) {
    greet(config.publicUrl, port, {
      graphiql: config.graphiql,
      reference: config.reference,
      mailbox: app.mailer.mailbox !== null,
    });
  }
  log.info({ host, port }, 'listening');
  link?.ready();

  stop = (signal) => {
    stop = () => {};
    log.info({ signal }, 'stopping');
    drain({ server, requests, app, metricsServer }).then(
      (code) => process.exit(code),
      (error) => {
        logFault(log, error, {}, 'could not stop in order');
        process.exit(1);
      },
    );
  };
}

/** An error that ends the process goes to the log like any other. Node would print the data that it quotes. */
function logCrashes(log: Log): void {
  process.on('uncaughtException', (error) => {
    log.error({ err: error }, 'the process ends because of an unexpected error');
    process.exit(1);
  });
}

/** Runs the workers, and serves their metrics if those have a port of their own. */
async function supervise(config: Config): Promise<void> {
  const log = createLog(config.logLevel);
  logCrashes(log);
  const metricsText = async () => {
    const { aggregate } = await import('#outside/telemetry/aggregate.ts');
    return aggregate(await primary.snapshots());
  };
  const stopSeconds = config.shutdownDelaySeconds + config.shutdownTimeoutSeconds + 1;
  const primary = startWorkers({ workers: config.workers, stopSeconds, metricsText, log });
  stop = () => {
    stop = () => {};
    void primary.stop().then((code) => process.exit(code));
  };
  // The workers read a renewed certificate; without this, the signal would end the primary.
  if (config.listen.tls !== null) process.on('SIGHUP', primary.renewCertificates);
  await primary.started;
  await listenForMetrics(metricsFetchOf(config, metricsText), config, log);
}

/** The server of /metrics; null if it has no port of its own. Beside a Unix socket, only this machine reaches it. */
async function listenForMetrics(
  metricsFetch: App['metricsFetch'],
  config: Config,
  log: Log,
): Promise<Server | TlsServer | null> {
  const { keepAliveSeconds, metrics } = config;
  if (metricsFetch === null || metrics === null || metrics.port === null) return null;
  const listener = getRequestListener(metricsFetch, { overrideGlobalObjects: false, hostname: 'localhost' });
  const server = openServer(config, log, listener, { keepAliveSeconds, headers: [] });
  const host = config.listen.isUnixSocket ? '127.0.0.1' : config.listen.host;
  const place = { ...config.listen, host, port: metrics.port, isUnixSocket: false };
  const metricsPort = await listen(server, place, 'METRICS_PORT');
  log.info({ host, metricsPort }, 'metrics are served');
  return server;
}

/** Over TLS if there is a certificate, which the server then keeps up to date. */
function openServer(
  { listen: { tls } }: Config,
  log: Log,
  listener: Parameters<typeof createHttpServer>[0],
  options: HttpServerOptions,
): Server | TlsServer {
  if (tls === null) return createHttpServer(listener, options);
  const certificate = readTlsCertificate(tls);
  const server = createHttpsServer(listener, options, certificate);
  keepTlsCertificate(server, tls, certificate, log);
  return server;
}

type Running = {
  server: Server | TlsServer;
  requests: RequestCount;
  app: App;
  metricsServer: Server | TlsServer | null;
};

/** Returns the exit code: 1 if requests were cut off. */
async function drain({ server, requests, app, metricsServer }: Running): Promise<number> {
  const { config, log } = app.parts;
  app.stopAccepting();
  await setTimeout(config.shutdownDelaySeconds * 1000);
  const limit = config.shutdownTimeoutSeconds * 1000;
  // A database that does not respond, for example, must not keep the process alive.
  void setTimeout(limit).then(() => {
    log.error({ seconds: config.shutdownTimeoutSeconds }, 'not stopped within SHUTDOWN_TIMEOUT; ending anyway');
    process.exit(1);
  });
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // Repeatedly: otherwise a connection that just received its last response would stay open for the next request.
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  await Promise.race([closed, setTimeout(limit * DRAIN_SHARE)]);
  const cut = requests.inProgress();
  if (cut > 0) log.warn({ requests: cut }, 'requests in progress are cut off, so that SHUTDOWN_TIMEOUT is kept');
  server.closeAllConnections();
  clearInterval(idle);
  // Until now: the last minutes are worth being seen.
  metricsServer?.close();
  metricsServer?.closeAllConnections();
  await app.close();
  log.info('stopped');
  return cut > 0 ? 1 : 0;
}

/** Prints where everything is, for people; machines read the log lines. */
function greet(
  publicUrl: string,
  port: number | null,
  pages: { graphiql: boolean; reference: boolean; mailbox: boolean },
): void {
  const base = publicUrl.endsWith(':0') ? publicUrl.replace(/0$/, String(port)) : publicUrl;
  const lines = [
    '',
    `  Latchkey is ready at ${base}`,
    '',
    pages.graphiql ? `  GraphiQL   ${base}/graphql` : `  GraphQL    ${base}/graphql`,
    pages.reference ? `  REST APIs  ${base}/docs` : null,
    pages.mailbox ? `  Mailbox    ${base}/dev/mailbox` : null,
    `  Health     ${base}/healthz`,
    '',
  ];
  process.stdout.write(`${lines.filter((line) => line !== null).join('\n')}\n`);
}

main().catch((error) => {
  // It has said why itself.
  if (error instanceof WorkerNotStartedError) process.exit(error.exitCode);
  process.stderr.write(`${inSources(explain(error))}\n`);
  process.exit(1);
});

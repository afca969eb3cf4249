/** The process: settings → app → listen → drain on SIGTERM or SIGINT. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from './app.ts';
import { parseConfig } from './config.ts';
import { OperatorError } from './errors.ts';

/** How long requests under way may take to finish, in milliseconds. */
const DRAIN_MS = 10_000;

async function main(): Promise<void> {
  const config = parseConfig(process.env, (path) => readFileSync(path, 'utf8'));
  const app = await createApp(config);
  const server = createServer(app.listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.port, config.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  greet(config.publicUrl, port, { graphiql: config.graphiql, mailbox: app.mailer.mailbox !== null });
  app.parts.log.info({ host: config.host, port }, 'listening');

  let isStopping = false;
  const stop = async (signal: NodeJS.Signals) => {
    if (isStopping) return;
    isStopping = true;
    app.parts.log.info({ signal }, 'stopping');
    app.stopAccepting();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    const deadline = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
    await closed;
    clearTimeout(deadline);
    await app.close();
    app.parts.log.info('stopped');
    process.exit(0);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

/** For people; programs read the log lines. */
function greet(publicUrl: string, port: number, pages: { graphiql: boolean; mailbox: boolean }): void {
  const base = publicUrl.endsWith(':0') ? `http://localhost:${port}` : publicUrl;
  const lines = [
    '',
    `  Latchkey is ready at ${base}`,
    '',
    pages.graphiql ? `  GraphiQL   ${base}/graphql` : `  GraphQL    ${base}/graphql`,
    pages.mailbox ? `  Mailbox    ${base}/dev/mailbox` : null,
    `  Health     ${base}/healthz`,
    '',
  ];
  process.stdout.write(`${lines.filter((line) => line !== null).join('\n')}\n`);
}

/** What an operator can mend is one line; anything else comes with its stack. */
function complain(error: unknown): void {
  const isPortTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
  const text = isPortTaken
    ? 'The port is in use: stop the other process or set PORT.'
    : error instanceof OperatorError
      ? error.message
      : ((error as Error).stack ?? String(error));
  process.stderr.write(`${text}\n`);
}

main().catch((error) => {
  complain(error);
  process.exit(1);
});

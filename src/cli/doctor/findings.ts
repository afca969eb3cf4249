/** The checks of `latchkey doctor`. They change nothing and do not depend on each other. */
import { access, constants, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Config } from '#config/config.ts';
import { placeOf } from '#config/database/database-url.ts';
import type { TlsFiles } from '#config/network/listen-settings.ts';
import { DAY_SECONDS, secondsBetween } from '#core/time.ts';
import { systemClock } from '#outside/clock.ts';
import { type Database, openDatabase } from '#outside/database.ts';
import { DatabaseInUseError } from '#outside/embedded/embedded-database.ts';
import { createLog } from '#outside/log.ts';
import { checkMailServer } from '#outside/mail/mailer.ts';
import { describeCertificate, readTlsCertificate } from '#outside/tls-certificate.ts';
import type { Terminal } from '../terminal.ts';
import { auditLog, budgets, clock, keys, mailQueue, migrations, olderThanItWas, version } from './database-checks.ts';
import { readReplicas } from './replica-checks.ts';
import { type Finding, fail, lineOf, ok, type Verdict, warn } from './verdict.ts';

/** Most tools renew a certificate a month before it expires. */
const RENEW_DAYS = 14;
const MIN_FREE_BYTES = 256 * 1024 * 1024;

/** All findings, in the order in which problems should be fixed. */
export async function findingsOf(config: Config, terminal: Terminal): Promise<Finding[]> {
  const findings: Finding[] = [{ check: 'settings', ...settings(config) }];
  for (const { variable, problem } of config.warnings) {
    findings.push({ check: 'settings', ...warn(`${variable} ${problem}`) });
  }
  const look = async (check: string, verdict: () => Promise<Verdict>) => {
    findings.push({ check, ...(await verdict().catch((error) => fail(lineOf(error)))) });
  };
  if (config.database.kind === 'embedded' || config.secret.kind === 'generated') {
    await look('data directory', () => dataDirectory(config));
  }
  const { tls } = config.listen;
  if (tls !== null) await look('certificate', async () => certificate(tls, config));
  findings.push(...(await databaseFindings(config, terminal, look)));
  await look('mail', () => mail(config));
  return findings.sort((a, b) => ORDER.indexOf(a.check) - ORDER.indexOf(b.check));
}

const ORDER = [
  'settings',
  'certificate',
  'data directory',
  'database',
  'read replicas',
  'migrations',
  'keys',
  'clock',
  'audit log',
  'mail queue',
  'mail',
  'budgets',
];

type Look = (check: string, verdict: () => Promise<Verdict>) => Promise<void>;

/** Whether the database can be opened, and the checks that need an open one. */
async function databaseFindings(config: Config, { stderr }: Terminal, look: Look): Promise<Finding[]> {
  const { database: place } = config;
  if (place.kind === 'embedded' && !(await exists(place.directory))) {
    return [
      { check: 'database', ...warn(`There is no database in ${place.directory} yet. The first start creates it.`) },
    ];
  }
  let database: Database;
  try {
    database = await openDatabase(place, createLog('silent', stderr));
  } catch (error) {
    // Usually because the service is running, which is fine.
    const verdict = error instanceof DatabaseInUseError ? warn : fail;
    return [{ check: 'database', ...verdict(lineOf(error)) }];
  }
  try {
    const reached = await version(database).catch((error) => unreachable(config, error));
    if (reached.status !== 'fail') {
      await look('migrations', () => migrations(database));
      await look('keys', () => keys(database, config));
      await look('clock', () => clock(database));
      await look('audit log', () => auditLog(database));
      await look('mail queue', () => mailQueue(database));
      await look('budgets', () => budgets(database));
    }
    const ofReplicas = reached.status === 'fail' ? [] : await readReplicas(database, config);
    const older = reached.status === 'fail' ? null : await olderThanItWas(database, config).catch(() => null);
    return [
      { check: 'database', ...reached },
      ...(older === null ? [] : [{ check: 'database', ...older }]),
      ...ofReplicas.map((verdict) => ({ check: 'read replicas', ...verdict })),
    ];
  } finally {
    await database.close();
  }
}

function settings(config: Config): Verdict {
  if (config.isProduction) return ok(`production, ${config.publicUrl}`);
  if (config.database.kind === 'postgresql' && config.publicUrl.startsWith('https:')) {
    return warn('NODE_ENV is not production: GraphiQL and introspection are on, and unsafe settings are accepted.');
  }
  return ok(`development, ${config.publicUrl}`);
}

function certificate(tls: TlsFiles, { publicUrl }: Config): Verdict {
  const { hostname } = new URL(publicUrl);
  const { validTo, isForHost } = describeCertificate(readTlsCertificate(tls), hostname);
  const days = Math.floor(secondsBetween(systemClock(), validTo) / DAY_SECONDS);
  if (days < 0) return fail(`${tls.certificate} has expired. Renew it; the service reads it within a minute.`);
  if (!isForHost) return warn(`${tls.certificate} is not for ${hostname}, the host of PUBLIC_URL.`);
  if (days < RENEW_DAYS) return warn(`${tls.certificate} expires in ${days} days.`);
  return ok(`for ${hostname}, ${days} days left`);
}

async function dataDirectory({ database, secret }: Config): Promise<Verdict> {
  const path = dirname(
    database.kind === 'embedded' ? database.directory : secret.kind === 'generated' ? secret.file : '.',
  );
  let existing = path;
  while (!(await exists(existing))) existing = dirname(existing);
  try {
    await access(existing, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return fail(`${existing} is not writable. Make it writable for the user that runs the service, or set DATA_DIR.`);
  }
  const { bavail, bsize } = await statfs(existing);
  const free = Math.floor((bavail * bsize) / 1024 / 1024);
  if (bavail * bsize < MIN_FREE_BYTES) return warn(`${path} has only ${free} MiB of free space.`);
  return ok(`${path}, ${free} MiB free`);
}

function unreachable({ database }: Config, error: unknown): Verdict {
  if (database.kind === 'embedded') return fail(lineOf(error));
  return fail(`Cannot use PostgreSQL at ${placeOf(database.url)}: ${lineOf(error)}. Check DATABASE_URL.`);
}

async function mail({ mail: to }: Config): Promise<Verdict> {
  if (to.kind === 'mailbox')
    return warn('Email is not sent; it is kept in the development mailbox. Set SMTP_URL to send it.');
  const { hostname, port } = new URL(to.url);
  try {
    await checkMailServer(to);
  } catch (error) {
    return fail(
      `${hostname}${port === '' ? '' : `:${port}`} did not accept the connection: ${lineOf(error)}. Check SMTP_URL.`,
    );
  }
  return ok(`${hostname} answers; the sender is ${to.from}`);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

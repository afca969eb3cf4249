/** The processes that are measured, on a core of their own where the system can pin them (`taskset`, Linux). */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

/** Which cores serve and which ones make the load, as lists for `taskset`; null where processes cannot be pinned. */
export type Cores = { server: string; load: string } | null;

export type Server = {
  port: number;
  /** Milliseconds from its start to its first `ready`. */
  startupMs: number;
  /** CPU seconds used so far, by all its threads; null where the system does not tell. */
  cpuSeconds: () => number | null;
  /** Megabytes of memory in use; null where the system does not tell. */
  rssMegabytes: () => number | null;
  stop: () => Promise<void>;
};

/** What to start: a file, beside this one or by its whole path, and what Node and the program are told. */
export type Program = {
  file: string;
  flags?: readonly string[];
  env: Record<string, string>;
  /** It answers 200 when the program is ready. */
  readyPath: string;
};

const STARTUP_LIMIT_MS = 60_000;
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

/**
 * Moves this process and all it will start (PostgreSQL among them) off the first core, which is left to the servers.
 */
export function keepOffServerCore(): Cores {
  if (process.platform !== 'linux' || availableParallelism() < 2) return null;
  try {
    const mask = execFileSync('taskset', ['-cp', String(process.pid)], { encoding: 'utf8' });
    const [server, ...others] = coresOf(mask.slice(mask.lastIndexOf(':') + 1).trim());
    if (server === undefined || others.length === 0) return null;
    const load = others.join(',');
    execFileSync('taskset', ['-acp', load, String(process.pid)], { stdio: 'ignore' });
    return { server: String(server), load };
  } catch {
    return null;
  }
}

/** Has servers use a core of the load as well: the load and PostgreSQL then compete with them. */
export function withSecondCore(cores: Cores): Cores {
  return cores && { ...cores, server: `${cores.server},${coresOf(cores.load)[0]}` };
}

export async function startServer(cores: Cores, { file, flags = [], env, readyPath }: Program): Promise<Server> {
  const port = await findFreePort();
  const startedAt = performance.now();
  const child = spawnPinned(cores, [...flags, pathOf(file)], { ...env, PORT: String(port) });
  child.stdout?.resume();
  await untilReady(child, `http://127.0.0.1:${port}${readyPath}`, startedAt);
  return {
    port,
    startupMs: performance.now() - startedAt,
    cpuSeconds: () => {
      const fields = readProcess(child, 'stat')?.split(') ').at(-1)?.split(' ');
      return fields === undefined ? null : (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    },
    rssMegabytes: () => {
      const pages = readProcess(child, 'statm')?.split(' ')[1];
      return pages === undefined ? null : (Number(pages) * PAGE_BYTES) / 1_000_000;
    },
    stop: async () => {
      if (child.exitCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Runs a program where servers run to its end; gives what it wrote. */
export async function runOnServerCores(cores: Cores, file: string, args: readonly string[]): Promise<string> {
  const child = spawnPinned(cores, [pathOf(file), ...args], {});
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${file} ended with ${code}`);
  return output;
}

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));

function spawnPinned(cores: Cores, args: readonly string[], env: Record<string, string>): ChildProcess {
  const node = [process.execPath, ...args];
  const [command = '', ...rest] = cores === null ? node : ['taskset', '-c', cores.server, ...node];
  // The settings of the person who runs the benchmark are not used.
  const { PATH = '' } = process.env;
  const child = spawn(command, rest, { env: { PATH, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  return child;
}

async function untilReady(child: ChildProcess, url: string, startedAt: number): Promise<void> {
  while (performance.now() - startedAt < STARTUP_LIMIT_MS) {
    if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode} before it was ready.`);
    const isReady = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (isReady) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`${url} was not ready within ${STARTUP_LIMIT_MS / 1000} s.`);
}

function readProcess(child: ChildProcess, file: string): string | null {
  return process.platform === 'linux' ? readFileSync(`/proc/${child.pid}/${file}`, 'utf8') : null;
}

/** `0,2-4` → 0, 2, 3, 4 */
function coresOf(list: string): number[] {
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('No free port');
  return address.port;
}

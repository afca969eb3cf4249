/** The service as a process of its own, started as an operator starts it and told to stop as an operator stops it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import { inject } from 'vitest';

/** How a process ended, and everything it said. */
export type Ended = { code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string };

export type ServiceProcess = {
  /** Where it listens, as it says itself. */
  url: string;
  /** Not a number for a Unix socket. */
  port: number;
  /** Standard output so far. */
  stdout: () => string;
  fetch: (path: string, init?: RequestInit) => Promise<Response>;
  /** Sends a typed operation; fails with everything it got when there is a top-level error. */
  ask: <Data, Variables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    bearer?: string,
  ) => Promise<Data>;
  /** Sends a signal that does not end it. */
  signal: (signal: NodeJS.Signals) => void;
  /** Sends a signal (default: SIGTERM) and waits for the end. */
  stop: (signal?: NodeJS.Signals) => Promise<Ended>;
};

/** What a process needs of the environment of the tests. No setting of the machine is among it. */
export const inherited = () => ({ PATH: process.env['PATH'], NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] });

type Said = Pick<Ended, 'stdout' | 'stderr'>;

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** As in `npm start` and `npm run latchkey`. It also halves a start: see prisma/generate.ts. */
export const PREPARED = ['--import', join(ROOT, 'prisma/prepare.mjs')];
/** Cheap hashes, as production would refuse them. PORT=0: a free port, which the process prints. */
const QUICK = { PORT: '0', HASH_MEMORY_KIB: '64', HASH_ITERATIONS: '1', HASH_SLOTS: '1' };
const READY = /Latchkey is ready at (\S+)/;
const SAYS = {
  starting: /"port":(\d+|null),"msg":"starting"/,
  listening: /"port":(\d+|null),"msg":"listening"/,
};
const START_TIMEOUT_MS = 60_000;

/**
 * Starts the service and waits until it says that it is ready. Settings of the machine running the tests do not reach
 * it.
 * @param script another one that starts the service, and says what it says
 */
export async function startService(env: Record<string, string>, script = 'src/main.ts'): Promise<ServiceProcess> {
  return serviceThatSays('listening', env, script);
}

/** As `startService`, but only until it answers that it is starting, for example because it waits for something. */
export async function beginService(env: Record<string, string>): Promise<ServiceProcess> {
  return serviceThatSays('starting', env, 'src/main.ts');
}

async function serviceThatSays(
  message: keyof typeof SAYS,
  env: Record<string, string>,
  script: string,
): Promise<ServiceProcess> {
  const { child, ended, said } = launch(env, script);
  const port = await portOf(SAYS[message], child, ended, said);
  const service: ServiceProcess = {
    // Complete: it greets before it says on which port it listens.
    url: READY.exec(said().stdout)?.[1] ?? '',
    port,
    stdout: () => said().stdout,
    // Not its own address: behind a PUBLIC_URL that one leads elsewhere.
    fetch: (path, init) => fetch(new URL(path, `http://127.0.0.1:${port}`), init),
    ask: async (document, variables, bearer) => {
      const response = await service.fetch('/graphql', {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
        },
        body: JSON.stringify({ query: print(document), variables }),
      });
      const result = await response.json();
      if (result.errors || !result.data) throw new Error(`unexpected answer: ${JSON.stringify(result, null, 2)}`);
      return result.data;
    },
    signal: (signal) => void child.kill(signal),
    stop: (signal = 'SIGTERM') => {
      child.kill(signal);
      return ended;
    },
  };
  return service;
}

/** Runs the service until it ends by itself, as it does when it refuses to start. */
export async function runService(env: Record<string, string>): Promise<Ended> {
  const { child, ended } = launch(env, 'src/main.ts');
  const timer = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT_MS);
  return ended.finally(() => clearTimeout(timer));
}

/** A DATA_DIR for an embedded database: an empty one, or one that is migrated already and so starts sooner. */
export async function dataDirectory(state: 'empty' | 'migrated'): Promise<{ path: string; drop: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'latchkey-data-'));
  if (state === 'migrated')
    cpSync(join(inject('embeddedTemplates'), 'template'), join(path, 'database'), { recursive: true });
  return { path, drop: () => rm(path, { recursive: true, force: true }) };
}

/** The port, once the process says it. */
async function portOf(pattern: RegExp, child: ChildProcess, ended: Promise<Ended>, said: () => Said): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const fail = (reason: string) => reject(new Error(`${reason}\n${said().stdout}${said().stderr}`));
  const timer = setTimeout(() => {
    child.kill('SIGKILL');
    fail('The service did not start in time:');
  }, START_TIMEOUT_MS);
  child.stdout?.on('data', () => {
    const port = pattern.exec(said().stdout)?.[1];
    if (port !== undefined) resolve(Number(port));
  });
  void ended.then(({ code }) => fail(`The service ended with ${code} instead of starting:`));
  return promise.finally(() => clearTimeout(timer));
}

function launch(
  env: Record<string, string>,
  script: string,
): { child: ChildProcess; ended: Promise<Ended>; said: () => Said } {
  const child = spawn(process.execPath, [...PREPARED, script], {
    cwd: ROOT,
    env: { ...inherited(), TZ: 'Pacific/Auckland', ...QUICK, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  // `close` and not `exit`: by then everything it said has arrived.
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, ended, said: () => ({ stdout, stderr }) };
}

/**
 * Starts the service once, on an empty database in a temporary directory, and asks it a few things. So a build that
 * ends well has seen the service work on this machine, and Node keeps the compiled code.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LIMIT_MS = 120_000;
const READY = /ready at (http:\S+)/;

/** Fails with what the service wrote if it does not start and stop as it should. */
export async function startOnce(node: string): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-build-'));
  // Nothing of the settings of the person who builds.
  const env = { PATH: process.env['PATH'] ?? '', DATA_DIR: directory, PORT: '0', LOG_LEVEL: 'warn' };
  const program = (file: string) => ['--import', join(ROOT, 'prisma/prepare.mjs'), join(ROOT, file)];
  try {
    execFileSync(node, [...program('src/cli.ts'), 'help'], { cwd: directory, env, stdio: 'pipe' });
    const service = spawn(node, program('src/main.ts'), {
      cwd: directory,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: LIMIT_MS,
    });
    let output = '';
    let isAsked = false;
    const note = (chunk: Buffer) => {
      output += chunk.toString();
      const url = READY.exec(output)?.[1];
      if (url === undefined || isAsked) return;
      isAsked = true;
      void ask(url).finally(() => service.kill('SIGTERM'));
    };
    service.stdout.on('data', note);
    service.stderr.on('data', note);
    const [code, signal] = await once(service, 'close');
    if (code !== 0 || !isAsked) throw new Error(`The service does not start: ${output.trim() || signal || code}`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** What nearly every service is asked: is it alive, who signs in, who am I. */
async function ask(url: string): Promise<void> {
  const query =
    'mutation { login(input: { identifier: "nobody@example.com", password: "a trial start" }) { __typename } }';
  for (const body of [{ query: '{ me { id } }' }, { query }]) {
    const headers = { 'content-type': 'application/json' };
    await (await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify(body) })).text();
  }
  for (const path of ['/readyz', '/.well-known/jwks.json']) await (await fetch(`${url}${path}`)).text();
}

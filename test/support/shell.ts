/** One bash that goes on from command to command, as that of a reader does: variables and functions stay. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Shell = {
  /** Runs commands and gives what they printed, errors among it. `typed` is what they read from standard input. */
  run: (commands: string, typed?: string) => Promise<string>;
  /** An empty directory that ends with the shell. */
  directory: string;
  close: () => Promise<void>;
};

/** @param env everything that the shell's environment has besides PATH and HOME */
export async function openShell(env: Record<string, string> = {}): Promise<Shell> {
  const directory = await mkdtemp(join(tmpdir(), 'latchkey-shell-'));
  const child = spawn('bash', ['--noprofile', '--norc'], {
    cwd: new URL('../..', import.meta.url),
    env: { PATH: process.env['PATH'], HOME: directory, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  let printed = '';
  let look = () => {};
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    printed += chunk;
    look();
  });

  const run: Shell['run'] = async (commands, typed = '') => {
    const end = `end of ${randomUUID()}`;
    const [script, input] = [join(directory, 'script'), join(directory, 'input')];
    await writeFile(script, commands);
    await writeFile(input, typed);
    printed = '';
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    look = () => printed.includes(end) && resolve();
    void ended.then(() => reject(new Error(`The shell ended:\n${printed}`)));
    child.stdin.write(`. '${script}' < '${input}' 2>&1; printf '%s' '${end}'\n`);
    await promise;
    return printed.slice(0, printed.indexOf(end));
  };
  const close = async () => {
    child.stdin.end();
    await ended;
    await rm(directory, { recursive: true, force: true });
  };
  return { run, directory, close };
}

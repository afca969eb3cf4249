/** Runs a command of the operator in this process, as `latchkey WORDS` would run it, and gives what it said. */
import { Readable, Writable } from 'node:stream';
import { runCommand } from '../../src/cli/run-command.ts';
import type { Latchkey } from './latchkey.ts';

export type Said = { code: number; stdout: string; stderr: string };

/** @param typed what is typed after `latchkey` */
export async function runLatchkey(
  typed: readonly string[],
  { env = {}, stdin = '', columns }: { env?: Record<string, string>; stdin?: string; columns?: number } = {},
): Promise<Said> {
  const stdout = collector();
  const stderr = collector();
  const screen = columns === undefined ? stdout : Object.assign(stdout, { columns });
  const terminal = { env, stdin: Readable.from([Buffer.from(stdin)]), stdout: screen, stderr };
  const code = await runCommand(typed, terminal);
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function collector() {
  let said = '';
  const stream = new Writable({
    write: (chunk, _, done) => {
      said += chunk;
      done();
    },
  });
  return Object.assign(stream, { text: () => said });
}

/** The environment of an operator who works on the PostgreSQL of a running service. */
export function operatorEnv({ config }: Pick<Latchkey, 'config'>): Record<string, string> {
  if (config.database.kind !== 'postgresql' || config.secret.kind !== 'given' || config.mail.kind !== 'smtp') {
    throw new Error('The embedded database has room for one process.');
  }
  return {
    DATABASE_URL: config.database.url,
    SECRET: config.secret.value,
    SMTP_URL: config.mail.url,
    PUBLIC_URL: config.publicUrl,
    HASH_MEMORY_KIB: '64',
    HASH_ITERATIONS: '1',
  };
}

/** Runs a command of the operator in this process, as `latchkey WORDS` would run it, and gives what it said. */
import { Readable, Writable } from 'node:stream';
import { runCommand } from '../../src/cli/run-command.ts';

export type Said = { code: number; stdout: string; stderr: string };

/** @param typed what is typed after `latchkey` */
export async function runLatchkey(
  typed: readonly string[],
  { env = {}, stdin = '' }: { env?: Record<string, string>; stdin?: string } = {},
): Promise<Said> {
  const stdout = collector();
  const stderr = collector();
  const terminal = { env, stdin: Readable.from([Buffer.from(stdin)]), stdout, stderr };
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

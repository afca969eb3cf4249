/** Reads a password: from the keyboard without echoing it, or from the first line of standard input. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { OperatorError } from '#errors/operator-error.ts';
import type { Terminal } from '../terminal.ts';

/** Longer than any password, so that a large file piped in by mistake is not read to its end. */
const MAX_BYTES = 4096;

/** Fails with OperatorError if no password was given, or if the second entry differs from the first. */
export async function readPassword(terminal: Terminal): Promise<string> {
  const password = terminal.stdin.isTTY ? await askTwice(terminal) : await readFirstLine(terminal);
  if (password === '') throw new OperatorError('No password given.');
  return password;
}

async function askTwice(terminal: Terminal): Promise<string> {
  const password = await ask(terminal, 'Password: ');
  if ((await ask(terminal, 'Again: ')) !== password) throw new OperatorError('The passwords do not match.');
  return password;
}

/** readline echoes what is typed to its output, so it gets an output that discards everything. */
async function ask(terminal: Terminal, prompt: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: terminal.stdin, output: nowhere, terminal: true });
  const stopped = new AbortController();
  lines.once('SIGINT', () => stopped.abort());
  terminal.stderr.write(prompt);
  try {
    return await lines.question('', { signal: stopped.signal });
  } catch {
    throw new OperatorError('Canceled.');
  } finally {
    terminal.stderr.write('\n');
    lines.close();
  }
}

async function readFirstLine({ stdin }: Terminal): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stdin) {
    chunks.push(Buffer.from(chunk));
    length += chunk.length;
    if (chunk.includes('\n') || length > MAX_BYTES) break;
  }
  const [line = ''] = Buffer.concat(chunks).toString('utf8').split(/\r?\n/);
  return line;
}

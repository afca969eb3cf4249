/** The generated master secret, if none is configured: created once, in a file that only its owner can read. */
import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { OperatorError } from '#errors/operator-error.ts';

/**
 * The secret in the file, or null if there is no file. Fails with OperatorError if the file contains no secret, or if
 * every user of the machine can read it. A group may read it, because containers share volumes that way.
 */
export function readSecretFile(file: string): string | null {
  let secret: string;
  try {
    secret = readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const mode = statSync(file).mode & 0o777;
  if ((mode & 0o007) !== 0 && process.platform !== 'win32') {
    throw new OperatorError(
      `${file} can be read by every user of this machine (mode ${mode.toString(8)}). Run chmod 600 on it. ` +
        'If someone may have read it, change the secret.',
    );
  }
  if (Buffer.byteLength(secret) >= 32) return secret;
  throw new OperatorError(
    `${file} does not contain a secret of at least 32 bytes. Restore it, or remove it if the database is new.`,
  );
}

/** Creates the file with a new 256-bit secret and returns its content, even if another process was faster. */
export function makeSecretFile(file: string): string {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}`;
  // Written elsewhere and then linked, so that nobody reads an incomplete secret and an existing one is never replaced.
  writeFileSync(draft, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flush: true });
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(file, 'utf8').trim();
}

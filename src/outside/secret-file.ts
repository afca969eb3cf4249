/** The master secret of an installation that was given none: made once, kept in a file only its owner can read. */
import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { OperatorError } from '#errors.ts';

/**
 * The secret in the file, or null when there is no file. Fails with OperatorError when it holds none, or when every user
 * of the machine may read it. A group may: that is how containers share a volume.
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
      `${file} can be read by every user of this machine (mode ${mode.toString(8)}): run chmod 600 on it. ` +
        'If somebody may have read it, change the secret.',
    );
  }
  if (Buffer.byteLength(secret) >= 32) return secret;
  throw new OperatorError(
    `${file} holds no secret of at least 32 bytes: restore it, or remove it if the database is new.`,
  );
}

/** Makes the file with a new secret of 256 bit, and gives what it holds: also when another process was faster. */
export function makeSecretFile(file: string): string {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}`;
  // Written elsewhere and linked into place: nobody ever reads half a secret, and an existing one is never replaced.
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

import { chmodSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OperatorError } from '#errors/operator-error.ts';
import { makeSecretFile, readSecretFile } from '#outside/secret-file.ts';

const file = () => join(mkdtempSync(join(tmpdir(), 'latchkey-secret-')), 'data', 'secret');

test('a secret is made once, of 256 bit, for its owner alone', () => {
  const path = file();
  expect(readSecretFile(path)).toBeNull();
  const secret = makeSecretFile(path);
  expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readSecretFile(path)).toBe(secret);
});

test('an existing secret is never replaced', () => {
  const path = file();
  makeSecretFile(path);
  const mine = 'mine and nobody else’s, long enough';
  writeFileSync(path, `${mine}\n`);
  expect(makeSecretFile(path)).toBe(mine);
});

test('an empty or short file is not accepted as a secret', () => {
  const path = file();
  makeSecretFile(path);
  for (const text of ['', '\n', 'short']) {
    writeFileSync(path, text);
    expect(() => readSecretFile(path)).toThrow(OperatorError);
  }
});

test('a file that every user of the machine can read is refused, and says what to do', () => {
  const path = file();
  const secret = makeSecretFile(path);
  for (const mode of [0o644, 0o604, 0o606, 0o666]) {
    chmodSync(path, mode);
    expect(() => readSecretFile(path)).toThrow(`(mode ${mode.toString(8)}). Run chmod 600 on it.`);
    expect(() => readSecretFile(path)).not.toThrow(secret);
  }
  // A group is how containers share a volume.
  for (const mode of [0o600, 0o400, 0o660]) {
    chmodSync(path, mode);
    expect(readSecretFile(path)).toBe(secret);
  }
});

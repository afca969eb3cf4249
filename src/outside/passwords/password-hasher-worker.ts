/**
 * A hash slot: a worker thread that hashes one password after the other and replies once for each batch.
 *
 * `@node-rs/argon2` hashes synchronously on this thread, which keeps libuv's pool free for everything else. If it has
 * no binary for the platform, `argon2` does the same on libuv's pool, at about half the speed.
 */
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { Argon2Hash, HashCost } from './stored-hash.ts';

/** A password to hash or, with `phc`, to compare with that hash, which may be of any kind that stored-hash.ts reads. */
export type HashJob = { password: string; phc: string | null };

/** A PHC string, or whether the password matches. The error is that of argon2, whose text contains no input. */
export type HashReply = { value: string | boolean; milliseconds: number } | { error: string };

type Argon2 = {
  hash(password: string): string | Promise<string>;
  verify(phc: string, password: string): boolean | Promise<boolean>;
  /** The key that such a hash of the password has. */
  keyOf(hash: Argon2Hash, password: string): Buffer | Promise<Buffer>;
};

/**
 * A third of the share of the event loop where both want the same core: it then starts at once when an answer or a
 * request arrives, instead of when Argon2 has used up its turn. A sign-in waits for a hash in any case.
 */
const NICENESS = 5;

const { memoryKib, iterations }: HashCost = workerData;
const options = { memoryCost: memoryKib, timeCost: iterations, parallelism: 1 };
const argon2 = await loadFast().catch(loadPortable);

yieldToEventLoop();

parentPort?.on('message', async (jobs: readonly HashJob[]) => {
  const replies: HashReply[] = [];
  for (const { password, phc } of jobs) replies.push(await answer(password, phc));
  parentPort?.postMessage(replies);
});

/** On Linux, 0 is the calling thread (setpriority(2)); elsewhere it is the whole process. */
function yieldToEventLoop(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(0, NICENESS);
  } catch {
    // Some sandboxes forbid it, and passwords can be hashed without.
  }
}

async function answer(password: string, phc: string | null): Promise<HashReply> {
  const startedAt = performance.now();
  try {
    const value = await compute(password, phc);
    return { value, milliseconds: performance.now() - startedAt };
  } catch (error) {
    return { error: error instanceof Error ? error.message : 'unknown' };
  }
}

function compute(password: string, phc: string | null): string | boolean | Promise<string | boolean> {
  if (phc === null) return argon2.hash(password);
  if (phc.startsWith('$argon2')) return argon2.verify(phc, password);
  return verifyForeign(phc, password);
}

/** Loaded when first needed, because most installations have no such hashes. */
async function verifyForeign(text: string, password: string): Promise<boolean> {
  const [{ readStoredHash, toBase64 }, { foreignKeyOf, verifyForeignHash }] = await Promise.all([
    import('./stored-hash.ts'),
    import('./foreign-hash.ts'),
  ]);
  const read = readStoredHash(text, workerData);
  if (!read.ok || read.hash.kind === 'argon2') return false;
  if (read.hash.kind !== 'wrapped') return verifyForeignHash(read.hash, password);
  const { inner, outer } = read.hash;
  const key = inner.kind === 'argon2' ? toBase64(await argon2.keyOf(inner, password)) : foreignKeyOf(inner, password);
  // Compared in any case, because the time is that of both hashes.
  const isSame = await argon2.verify(outer.text, key ?? '');
  return isSame && key !== null;
}

/** Of RFC 9106 section 3.2; both libraries use them. */
const TYPE_NUMBERS = { d: 0, i: 1, id: 2 } as const;

async function loadFast(): Promise<Argon2> {
  const { hashRawSync, hashSync, verifySync } = await import('@node-rs/argon2');
  return {
    hash: (password) => hashSync(password, options),
    verify: verifySync,
    keyOf: ({ type, version, memoryKib, iterations, parallelism, salt, key }, password) =>
      hashRawSync(password, {
        algorithm: TYPE_NUMBERS[type],
        version: version === 16 ? 0 : 1,
        memoryCost: memoryKib,
        timeCost: iterations,
        parallelism,
        salt,
        outputLen: key.length,
      }),
  };
}

async function loadPortable(): Promise<Argon2> {
  const { hash, verify } = await import('argon2');
  return {
    // It writes `m,p,t`, but the PHC form of Argon2 is `m,t,p`, and some verifiers require that order.
    hash: async (password) => (await hash(password, options)).replace(/,(p=\d+),(t=\d+)/, ',$2,$1'),
    verify,
    keyOf: ({ type, version, memoryKib, iterations, parallelism, salt, key }, password) =>
      hash(password, {
        raw: true,
        type: TYPE_NUMBERS[type],
        version,
        memoryCost: memoryKib,
        timeCost: iterations,
        parallelism,
        salt,
        hashLength: key.length,
      }),
  };
}

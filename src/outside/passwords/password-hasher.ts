/**
 * Hashes and compares passwords with Argon2id (RFC 9106) in a bounded number of worker threads.
 *
 * Each slot is a thread that hashes one password at a time. A bounded number of passwords may wait; beyond that,
 * requests are refused immediately. So a flood of sign-ins slows down neither the event loop nor earlier requests.
 */
import { randomBytes } from 'node:crypto';
import type { Log } from '../log.ts';
import { createHashQueue, type HashTurn } from './hash-queue.ts';
import { createHashTimings } from './hash-timings.ts';
import { type HashCost, readStoredHash, type StoredHash, toBase64 } from './stored-hash.ts';
import { isWeakHash, keyTextOf, wrappedHash } from './wrapped-hash.ts';

declare const isNormalized: unique symbol;
/** The text of a password in the one form that is hashed. Only `core/passwords/password.ts` makes one. */
export type NormalizedPassword = string & { readonly [isNormalized]: true };

export type PasswordHasher = {
  /** The PHC string of a password, with a new salt. */
  hash(password: NormalizedPassword, turn?: HashTurn): Promise<string>;
  /**
   * Whether the password is the one that was hashed. Null for either one (no account, no password, a text that cannot
   * be a password) never matches, but still costs one hash, and so does a stored hash that cannot be read. Takes any
   * text, because other systems may have hashed what was typed.
   * `needsRehash`: the password matches, but its hash is weaker than new ones, or of another kind.
   *
   * A hash from another system, or from before the settings were raised, takes its own time: see `millisecondsOf`.
   */
  verify(
    phc: string | null,
    password: string | null,
    turn?: HashTurn,
  ): Promise<{ matches: boolean; needsRehash: boolean }>;
  /**
   * Runs `work`, which hashes a password that does not go first. Fails with ServiceBusyError, without a start, if as
   * many are under way as can be hashed and wait.
   */
  admit<T>(work: () => Promise<T>): Promise<T>;
  /** Fails with ServiceBusyError if `admit` would. Takes no place. */
  requireRoom(): void;
  /**
   * The hash as it should be stored: if it is weak, with Argon2id around it, and otherwise unchanged. It takes the same
   * passwords. Rejects like `verify`.
   */
  wrap(phc: string): Promise<string>;
  /** Whether `wrap` would change it. So would it change every hash of the same kind and cost. */
  isWeak(phc: string): boolean;
  /**
   * How long a comparison with a hash of this kind and cost takes on a slot, measured recently; null means no account.
   * If there is no measurement yet, runs a comparison, and then rejects like `verify`.
   */
  millisecondsOf(phc: string | null): Promise<number>;
  /** Why passwords cannot be compared with this stored hash; null if they can. Contains no part of the hash. */
  problemOf(phc: string): string | null;
  /** The number of passwords that wait for a slot. */
  waiting(): number;
  /** How many passwords were refused because too many waited. */
  refused(): number;
  /** How often Argon2 has completed. */
  runs(): number;
  /** Rejects waiting passwords, lets each slot finish its current one, and ends the threads. */
  close(): Promise<void>;
};

/**
 * Both `hash` and `verify` reject with ServiceBusyError if more than `queue` passwords would wait.
 */
export function createPasswordHasher(
  options: HashCost & { slots: number; queue: number },
  { log, workerFile }: { log?: Log; workerFile?: URL } = {},
): PasswordHasher {
  const nobodysHash = unmatchablePhc(options);
  const timings = createHashTimings();
  const { submit, ...queue } = createHashQueue(options, { log, workerFile, timings, nobodysHash });

  return {
    ...queue,
    hash: async (password, turn) => String(await submit({ password, phc: null }, turn)),
    verify: async (phc, password, turn) => {
      const read = phc === null ? null : readStoredHash(phc, options);
      if (read?.ok === false) log?.error('a stored password hash cannot be read and matches no password');
      const stored = read?.ok ? read.hash : null;
      // One hash in every case, so that the time does not reveal which accounts exist.
      const text = stored?.kind === 'argon2' ? stored.text : phc;
      const isSame = await submit({ password: password ?? '', phc: stored === null ? nobodysHash : text }, turn);
      const matches = isSame === true && stored !== null && password !== null;
      return { matches, needsRehash: matches && isWeaker(stored, options) };
    },
    wrap: async (phc) => {
      const read = readStoredHash(phc, options);
      if (!read.ok || !isWeakHash(read.hash, options)) return phc;
      const outer = String(await submit({ password: keyTextOf(read.hash), phc: null }));
      return wrappedHash(phc, read.hash, outer) ?? phc;
    },
    isWeak: (phc) => {
      const read = readStoredHash(phc, options);
      return read.ok && isWeakHash(read.hash, options);
    },
    millisecondsOf: async (phc) => {
      const read = phc === null ? null : readStoredHash(phc, options);
      const text = read?.ok && phc !== null ? phc.replace(/^argon2(?=\$)/, '') : nobodysHash;
      if (timings.of(text) === null) {
        // The first comparison of a kind also loads its library, so only the second one counts.
        await submit({ password: '', phc: text });
        timings.forget(text);
        await submit({ password: '', phc: text });
      }
      return timings.of(text) ?? 0;
    },
    problemOf: (phc) => {
      const read = readStoredHash(phc, options);
      return read.ok ? null : read.problem;
    },
  };
}

/** A hash is renewed if the settings were raised or it is of another kind; a stronger Argon2id hash stays. */
function isWeaker(phc: StoredHash, cost: HashCost): boolean {
  return (
    phc.kind !== 'argon2' || !phc.isCurrentKind || phc.memoryKib < cost.memoryKib || phc.iterations < cost.iterations
  );
}

/** The hash of an unknown password at the current cost, to compare with when there is no account. */
function unmatchablePhc({ memoryKib, iterations }: HashCost): string {
  const cost = `m=${memoryKib},t=${iterations},p=1`;
  return `$argon2id$v=19$${cost}$${toBase64(randomBytes(16))}$${toBase64(randomBytes(32))}`;
}

/**
 * Hashes and compares passwords with Argon2id (RFC 9106) in a bounded number of worker threads.
 *
 * Each slot is a thread that hashes one password at a time. A bounded number of passwords may wait; beyond that,
 * requests are refused immediately. So a flood of sign-ins slows down neither the event loop nor earlier requests.
 */
import { randomBytes } from 'node:crypto';
import { ServiceBusyError } from '#errors/domain-errors.ts';
import type { Log } from '../log.ts';
import { startSlot } from './hashing-slot.ts';
import type { HashJob, HashReply } from './password-hasher-worker.ts';
import { type HashCost, readStoredHash, type StoredHash, toBase64 } from './stored-hash.ts';
import { isWeakHash, keyTextOf, wrappedHash } from './wrapped-hash.ts';

declare const isNormalized: unique symbol;
/** The text of a password in the one form that is hashed. Only `core/passwords/password.ts` makes one. */
export type NormalizedPassword = string & { readonly [isNormalized]: true };

/**
 * `goesFirst`: before all who wait and do not, and into places that are kept free for those who do. For people who have
 * shown who they are already: a flood of strangers must not keep them waiting.
 */
export type HashTurn = { goesFirst?: boolean };

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

type Task = {
  job: HashJob;
  resolve: (value: string | boolean) => void;
  reject: (error: Error) => void;
  /** Whether the thread died of it, or of another of its handful. */
  isSuspect: boolean;
};

/**
 * Both `hash` and `verify` reject with ServiceBusyError if more than `queue` passwords would wait.
 */
export function createPasswordHasher(
  options: HashCost & { slots: number; queue: number },
  { log, workerFile = WORKER_FILE }: { log?: Log; workerFile?: URL } = {},
): PasswordHasher {
  const slots = Array.from({ length: options.slots }, () => startSlot(options, workerFile, log));
  const free = [...slots];
  const first: Task[] = [];
  const line: Task[] = [];
  const room = Math.ceil(options.queue * SHARE_OF_STRANGERS);
  const running = new Set<Promise<unknown>>();
  const nobodysHash = unmatchablePhc(options);
  /** The latest measurements in milliseconds, by kind of hash. */
  const measured = new Map<string, number[]>();
  let turnsOfFirst = 0;
  let admitted = 0;
  let isClosed = false;
  let runs = 0;
  let refused = 0;
  let millisecondsPerHash = 50;

  function submit(job: HashJob, { goesFirst = false }: HashTurn = {}): Promise<string | boolean> {
    if (isClosed) return Promise.reject(new Error(CLOSED));
    if (isFull(goesFirst)) return Promise.reject(busy());
    return new Promise((resolve, reject) => {
      (goesFirst ? first : line).push({ job, resolve, reject, isSuspect: false });
      runNext();
    });
  }

  function isFull(goesFirst: boolean): boolean {
    return free.length === 0 && first.length + line.length >= (goesFirst ? options.queue : room);
  }

  function requireRoom(): void {
    if (admitted >= options.slots + room || isFull(false)) throw busy();
  }

  function busy(): ServiceBusyError {
    refused += 1;
    const seconds = (millisecondsPerHash * (first.length + line.length)) / options.slots / 1000;
    return new ServiceBusyError(Math.max(1, Math.ceil(seconds)));
  }

  function runNext(): void {
    const next = first.length > 0 && (line.length === 0 || turnsOfFirst < TURNS_OF_FIRST) ? first : line;
    const slot = next.length > 0 ? free.pop() : undefined;
    if (slot === undefined) return;
    turnsOfFirst = next === first ? turnsOfFirst + 1 : 0;
    const tasks = takeHandful(next);
    const started = performance.now();
    const run = slot.run(tasks.map((task) => task.job));
    running.add(run);
    const release = () => {
      running.delete(run);
      free.push(slot);
      runNext();
    };
    // Give the slot its next passwords before anyone processes these results.
    run.then(() => {
      runs += tasks.length;
      millisecondsPerHash += ((performance.now() - started) / tasks.length - millisecondsPerHash) / 8;
      release();
    }, release);
    run.then(
      (replies) => {
        for (const [index, task] of tasks.entries()) {
          const reply = replies[index] ?? { error: 'no answer' };
          if ('milliseconds' in reply) note(task.job.phc ?? nobodysHash, reply.milliseconds);
          settle(task, reply);
        }
      },
      (error) => {
        if (tasks.length === 1 || isClosed) for (const task of tasks) task.reject(error);
        // At most one of them is to blame, and the others shall not fail with it.
        else next.unshift(...tasks.map((task) => ({ ...task, isSuspect: true })));
        runNext();
      },
    );
  }

  /** As many as share a turn. None of them waits for one that takes long, or died once, before it gets its answer. */
  function takeHandful(waiting: Task[]): Task[] {
    const most = handfulOf(waiting.length / options.slots);
    let milliseconds = 0;
    const end = waiting.slice(0, most).findIndex(({ job, isSuspect }) => {
      const known = measured.get(kindOf(job.phc ?? nobodysHash));
      milliseconds += known === undefined ? millisecondsPerHash : medianOf(known);
      return isSuspect || milliseconds > HANDFUL_MS;
    });
    return waiting.splice(0, end === -1 ? most : Math.max(1, end));
  }

  function note(phc: string, milliseconds: number): void {
    const kind = kindOf(phc);
    measured.set(kind, [...(measured.get(kind) ?? []).slice(1 - MEASUREMENTS), milliseconds]);
  }

  return {
    hash: async (password, turn) => String(await submit({ password, phc: null }, turn)),
    admit: async (work) => {
      requireRoom();
      admitted += 1;
      return work().finally(() => {
        admitted -= 1;
      });
    },
    requireRoom,
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
      const kind = kindOf(text);
      if (!measured.has(kind)) {
        // The first comparison of a kind also loads its library, so only the second one counts.
        await submit({ password: '', phc: text });
        measured.delete(kind);
        await submit({ password: '', phc: text });
      }
      return medianOf(measured.get(kind) ?? []);
    },
    problemOf: (phc) => {
      const read = readStoredHash(phc, options);
      return read.ok ? null : read.problem;
    },
    waiting: () => first.length + line.length,
    refused: () => refused,
    runs: () => runs,
    close: async () => {
      isClosed = true;
      for (const task of [...first.splice(0), ...line.splice(0)]) task.reject(new Error(CLOSED));
      await Promise.allSettled(running);
      await Promise.all(slots.map((slot) => slot.end()));
    },
  };
}

/**
 * How many passwords a slot takes at once: one, unless many are waiting. The work after a hash needs the event loop
 * several times, and each time Argon2 has pushed its memory out of the CPU caches. For a few sign-ins together, that
 * costs hardly more than for one, and they share their statements (core/together.ts).
 */
function handfulOf(waitingForSlot: number): number {
  return Math.min(8, Math.max(1, Math.floor(waitingForSlot / 3)));
}

function settle(task: Task, reply: HashReply): void {
  if ('error' in reply) task.reject(new Error(`Could not hash a password: ${reply.error}`));
  else task.resolve(reply.value);
}

/** How long a handful may take: nobody who goes first waits for much longer than that. */
const HANDFUL_MS = 400;

/** How much of the queue those who do not go first may fill. */
const SHARE_OF_STRANGERS = 7 / 8;
/** After so many turns of those who go first, it is the turn of the others once: nobody can keep them out. */
const TURNS_OF_FIRST = 3;

/** How many measurements are kept for each kind of hash. */
const MEASUREMENTS = 31;

const WORKER_FILE = new URL('./password-hasher-worker.ts', import.meta.url);
const CLOSED = 'The password hasher is closed.';

/** A hash is renewed if the settings were raised or it is of another kind; a stronger Argon2id hash stays. */
function isWeaker(phc: StoredHash, cost: HashCost): boolean {
  return (
    phc.kind !== 'argon2' || !phc.isCurrentKind || phc.memoryKib < cost.memoryKib || phc.iterations < cost.iterations
  );
}

/** The median, because a busy machine makes some measurements much too long. */
function medianOf(measurements: readonly number[]): number {
  return measurements.toSorted((a, b) => a - b)[measurements.length >> 1] ?? 0;
}

/**
 * The kind and cost of a hash: its text without salt and key. The database function `password_hash_kind` is the same.
 */
function kindOf(phc: string): string {
  return phc.replace(/[A-Za-z0-9+/.=]{11,}/g, '');
}

/** The hash of an unknown password at the current cost, to compare with when there is no account. */
function unmatchablePhc({ memoryKib, iterations }: HashCost): string {
  const cost = `m=${memoryKib},t=${iterations},p=1`;
  return `$argon2id$v=19$${cost}$${toBase64(randomBytes(16))}$${toBase64(randomBytes(32))}`;
}

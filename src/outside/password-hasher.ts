/**
 * Hashes and compares passwords with Argon2id (RFC 9106) in a bounded number of worker threads.
 *
 * Each slot is one thread that hashes one password at a time; a bounded number waits in line, and anyone who comes then is
 * refused at once. So a flood of sign-ins slows neither the event loop nor those who were there first.
 */
import { randomBytes } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { ServiceBusyError } from '#errors.ts';
import type { Log } from './log.ts';
import type { HashJob, HashReply } from './password-hasher-worker.ts';
import { type HashCost, readStoredHash, type StoredHash, toBase64 } from './stored-hash.ts';

export type PasswordHasher = {
  /** The PHC string of a normalised password, with a new salt. */
  hash(password: string): Promise<string>;
  /**
   * Whether the password is the one that was hashed. Null for either (nobody's account, an account without a password,
   * a text that can be no password) never matches and costs one hash all the same, as does a stored hash that cannot be
   * read. `needsRehash`: it matches, and its hash is weaker than those made now, or of another kind.
   *
   * A hash that came from another system, or was made before the settings rose, takes its own time: see `millisecondsOf`.
   */
  verify(phc: string | null, password: string | null): Promise<{ matches: boolean; needsRehash: boolean }>;
  /**
   * How long comparing with a hash of this kind and cost takes on a slot, as measured lately; null is nobody's account.
   * Compares once to find out when none has been compared yet, and then rejects as `verify` does.
   */
  millisecondsOf(phc: string | null): Promise<number>;
  /** Why passwords could not be compared with this stored hash; null when they can. Holds nothing of the hash. */
  problemOf(phc: string): string | null;
  /** How many passwords wait for a slot. */
  waiting(): number;
  /** How many times Argon2 has run to its end. */
  runs(): number;
  /** Rejects whatever waits, lets each slot finish the password it has, and ends the threads. */
  close(): Promise<void>;
};

type Task = { job: HashJob; resolve: (value: string | boolean) => void; reject: (error: Error) => void };
type Slot = { run(jobs: readonly HashJob[]): Promise<HashReply[]>; end(): Promise<unknown> };

/** Starts the threads; both `hash` and `verify` reject with ServiceBusyError when more than `queue` would wait. */
export function createPasswordHasher(
  options: HashCost & { slots: number; queue: number },
  { log, workerFile = WORKER_FILE }: { log?: Log; workerFile?: URL } = {},
): PasswordHasher {
  const slots = Array.from({ length: options.slots }, () => startSlot(options, workerFile, log));
  const free = [...slots];
  const line: Task[] = [];
  const running = new Set<Promise<unknown>>();
  const nobodysHash = unmatchablePhc(options);
  /** The last measurements in milliseconds, by kind of hash. */
  const measured = new Map<string, number[]>();
  let isClosed = false;
  let runs = 0;
  let millisecondsPerHash = 50;

  function submit(job: HashJob): Promise<string | boolean> {
    if (isClosed) return Promise.reject(new Error(CLOSED));
    if (free.length === 0 && line.length >= options.queue) {
      const seconds = (millisecondsPerHash * line.length) / options.slots / 1000;
      return Promise.reject(new ServiceBusyError(Math.max(1, Math.ceil(seconds))));
    }
    return new Promise((resolve, reject) => {
      line.push({ job, resolve, reject });
      runNext();
    });
  }

  function runNext(): void {
    const slot = line.length > 0 ? free.pop() : undefined;
    if (slot === undefined) return;
    const tasks = line.splice(0, handfulOf(line.length / options.slots));
    const started = performance.now();
    const run = slot.run(tasks.map((task) => task.job));
    running.add(run);
    const release = () => {
      running.delete(run);
      free.push(slot);
      runNext();
    };
    // The slot gets its next passwords before anybody works on these answers.
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
        for (const task of tasks) task.reject(error);
      },
    );
  }

  function note(phc: string, milliseconds: number): void {
    const kind = kindOf(phc);
    measured.set(kind, [...(measured.get(kind) ?? []).slice(1 - MEASUREMENTS), milliseconds]);
  }

  return {
    hash: async (password) => String(await submit({ password, phc: null })),
    verify: async (phc, password) => {
      const read = phc === null ? null : readStoredHash(phc, options);
      if (read?.ok === false) log?.error('a stored password hash cannot be used: it matches no password');
      const stored = read?.ok ? read.hash : null;
      // One hash in every case, so that the time tells nobody which accounts there are.
      const text = stored?.kind === 'argon2' ? stored.text : phc;
      const isSame = await submit({ password: password ?? '', phc: stored === null ? nobodysHash : text });
      const matches = isSame === true && stored !== null && password !== null;
      return { matches, needsRehash: matches && isWeaker(stored, options) };
    },
    millisecondsOf: async (phc) => {
      const read = phc === null ? null : readStoredHash(phc, options);
      const text = read?.ok && phc !== null ? phc.replace(/^argon2(?=\$)/, '') : nobodysHash;
      const kind = kindOf(text);
      if (!measured.has(kind)) {
        // The first comparison of a kind loads its library, too: only the second counts.
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
    waiting: () => line.length,
    runs: () => runs,
    close: async () => {
      isClosed = true;
      for (const task of line.splice(0)) task.reject(new Error(CLOSED));
      await Promise.allSettled(running);
      await Promise.all(slots.map((slot) => slot.end()));
    },
  };
}

/**
 * How many passwords a slot takes at once, where so many wait for it: one, unless the line is long anyway. What comes
 * after a hash needs the event loop several times, and each time it finds its memory pushed out of the processor's
 * caches by Argon2; for a few sign-ins together that costs hardly more than for one.
 */
function handfulOf(waitingForSlot: number): number {
  return Math.min(4, Math.max(1, Math.floor(waitingForSlot / 4)));
}

function settle(task: Task, reply: HashReply): void {
  if ('error' in reply) task.reject(new Error(`A password could not be hashed: ${reply.error}`));
  else task.resolve(reply.value);
}

/** How many measurements of a kind of hash are remembered. */
const MEASUREMENTS = 31;

const WORKER_FILE = new URL('./password-hasher-worker.ts', import.meta.url);
const CLOSED = 'The password hasher is closed.';

/** One thread. When it dies, its passwords are rejected and the next ones get a new thread. */
function startSlot({ memoryKib, iterations }: HashCost, workerFile: URL, log: Log | undefined): Slot {
  let answer: ((replies: HashReply[] | Error) => void) | undefined;
  let worker: Worker | undefined = start();

  function start(): Worker {
    const workerData: HashCost = { memoryKib, iterations };
    // Without the flags of this process: some, such as --input-type, keep a thread from starting.
    const started = new Worker(workerFile, { workerData, execArgv: [], name: 'password-hasher' });
    let reason = 'its thread ended';
    started.unref();
    started.on('message', (replies: HashReply[]) => answer?.(replies));
    started.on('error', (err) => {
      reason = err.message;
      log?.error({ err }, 'a password hasher thread failed');
    });
    started.on('exit', () => {
      worker = undefined;
      answer?.(new Error(`A password could not be hashed: ${reason}`));
    });
    return started;
  }

  return {
    run: async (jobs) => {
      worker ??= start();
      // A thread holds the process only while it works: a command that hashes one password ends by itself.
      worker.ref();
      const { promise, resolve } = Promise.withResolvers<HashReply[] | Error>();
      answer = resolve;
      worker.postMessage(jobs);
      const replies = await promise;
      answer = undefined;
      worker?.unref();
      if (replies instanceof Error) throw replies;
      return replies;
    },
    end: async () => worker?.terminate(),
  };
}

/** Only a rise of the settings calls for a new hash, and another kind than ours: a stronger Argon2id stays. */
function isWeaker(phc: StoredHash, cost: HashCost): boolean {
  return (
    phc.kind !== 'argon2' || !phc.isCurrentKind || phc.memoryKib < cost.memoryKib || phc.iterations < cost.iterations
  );
}

/** The median, because a busy machine makes some of them much too long. */
function medianOf(measurements: readonly number[]): number {
  return measurements.toSorted((a, b) => a - b)[measurements.length >> 1] ?? 0;
}

/** What a hash costs: its text without salt and key. The database has the same rule, `password_hash_kind`. */
function kindOf(phc: string): string {
  return phc.replace(/[A-Za-z0-9+/.=]{11,}/g, '');
}

/** The hash of no known password, at today's cost: what is compared when there is nothing to compare with. */
function unmatchablePhc({ memoryKib, iterations }: HashCost): string {
  const cost = `m=${memoryKib},t=${iterations},p=1`;
  return `$argon2id$v=19$${cost}$${toBase64(randomBytes(16))}$${toBase64(randomBytes(32))}`;
}

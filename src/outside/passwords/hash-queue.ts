/**
 * The passwords that wait for a slot, and the slots. A bounded number may wait; beyond that, passwords are refused
 * immediately. Where many wait, a slot takes a handful at once.
 */
import { ServiceBusyError } from '#errors/domain-errors.ts';
import type { Log } from '../log.ts';
import type { HashTimings } from './hash-timings.ts';
import { startSlot } from './hashing-slot.ts';
import type { HashJob, HashReply } from './password-hasher-worker.ts';
import type { HashCost } from './stored-hash.ts';

/**
 * `goesFirst`: before all who wait and do not, and into places that are kept free for those who do. For people who have
 * shown who they are already: a flood of strangers must not keep them waiting.
 */
export type HashTurn = { goesFirst?: boolean };

export type HashQueue = {
  /** Rejects with ServiceBusyError if too many wait. */
  submit(job: HashJob, turn?: HashTurn): Promise<string | boolean>;
  /** See PasswordHasher. */
  admit<T>(work: () => Promise<T>): Promise<T>;
  requireRoom(): void;
  waiting(): number;
  refused(): number;
  runs(): number;
  close(): Promise<void>;
};

type Task = {
  job: HashJob;
  resolve: (value: string | boolean) => void;
  reject: (error: Error) => void;
  /** Whether the thread died of it, or of another of its handful. */
  isSuspect: boolean;
};

/** @param parts `nobodysHash` is of the kind and cost of new hashes */
export function createHashQueue(
  options: HashCost & { slots: number; queue: number },
  {
    log,
    workerFile = WORKER_FILE,
    timings,
    nobodysHash,
  }: { log?: Log | undefined; workerFile?: URL | undefined; timings: HashTimings; nobodysHash: string },
): HashQueue {
  const slots = Array.from({ length: options.slots }, () => startSlot(options, workerFile, log));
  const free = [...slots];
  const first: Task[] = [];
  const line: Task[] = [];
  const room = Math.ceil(options.queue * SHARE_OF_STRANGERS);
  const running = new Set<Promise<unknown>>();
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
          if ('milliseconds' in reply) timings.note(task.job.phc ?? nobodysHash, reply.milliseconds);
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
      milliseconds += timings.of(job.phc ?? nobodysHash) ?? millisecondsPerHash;
      return isSuspect || milliseconds > HANDFUL_MS;
    });
    return waiting.splice(0, end === -1 ? most : Math.max(1, end));
  }

  return {
    submit,
    admit: async (work) => {
      requireRoom();
      admitted += 1;
      return work().finally(() => {
        admitted -= 1;
      });
    },
    requireRoom,
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

const WORKER_FILE = new URL('./password-hasher-worker.ts', import.meta.url);
const CLOSED = 'The password hasher is closed.';

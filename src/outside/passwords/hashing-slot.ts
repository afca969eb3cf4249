/**
 * A slot hashes passwords in a thread, which starts with its first password. If the thread dies, its passwords are
 * rejected and the next ones get another thread.
 */
import { Worker } from 'node:worker_threads';
import type { Log } from '../log.ts';
import type { HashJob, HashReply } from './password-hasher-worker.ts';
import type { HashCost } from './stored-hash.ts';

type Slot = { run(jobs: readonly HashJob[]): Promise<HashReply[]>; end(): Promise<unknown> };

export function startSlot({ memoryKib, iterations }: HashCost, workerFile: URL, log: Log | undefined): Slot {
  let answer: ((replies: HashReply[] | Error) => void) | undefined;
  let worker: Worker | undefined;

  function start(): Worker {
    const workerData: HashCost = { memoryKib, iterations };
    // Without the flags of this process, because some, such as --input-type, prevent a thread from starting.
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
      answer?.(new Error(`Could not hash a password: ${reason}`));
    });
    return started;
  }

  return {
    run: async (jobs) => {
      worker ??= start();
      // A thread keeps the process alive only while it works, so that a command that hashes one password can exit.
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

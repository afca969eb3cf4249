/**
 * Limits how many tasks of one key run at once in this process; the others wait. Budgets are reserved before anyone
 * knows whether an attempt fails. Because of the queue, many good attempts at once are not mistaken for many bad ones.
 */
import { ServiceBusyError } from '#errors/domain-errors.ts';

export type KeyedQueue = {
  /** Runs `work` once fewer than `limit` tasks of `key` are running. Fails with ServiceBusyError if too many wait. */
  run: <T>(key: string, limit: number, work: () => T | Promise<T>) => Promise<T>;
};

const MAX_WAITING = 256;

export function createKeyedQueue(): KeyedQueue {
  const lines = new Map<string, { running: number; waiting: (() => void)[] }>();
  return {
    run: async (key, limit, work) => {
      const line = lines.get(key) ?? { running: 0, waiting: [] };
      if (line.running === 0) lines.set(key, line);
      if (line.running < limit) line.running += 1;
      else if (line.waiting.length >= MAX_WAITING) throw new ServiceBusyError(1);
      // A task that finishes hands its place to the next, so `running` stays unchanged.
      else await new Promise<void>((resolve) => line.waiting.push(resolve));
      try {
        return await work();
      } finally {
        const next = line.waiting.shift();
        if (next !== undefined) next();
        else if (--line.running === 0) lines.delete(key);
      }
    },
  };
}

/**
 * KeyedQueue: at most so many of one kind under way in this process, the others wait. Budgets are reserved before it is
 * known whether an attempt is a failure; taken in turns, many good ones at once are not mistaken for many bad ones.
 */
import { ServiceBusyError } from '#errors.ts';

export type KeyedQueue = {
  /** Runs `work` when fewer than `limit` of this key are under way. Fails with ServiceBusyError when too many wait. */
  run: <T>(key: string, limit: number, work: () => Promise<T>) => Promise<T>;
};

const MAX_WAITING = 256;

export function createKeyedQueue(): KeyedQueue {
  const lines = new Map<string, { running: number; waiting: (() => void)[] }>();
  return {
    run: async (key, limit, work) => {
      const line = lines.get(key) ?? { running: 0, waiting: [] };
      lines.set(key, line);
      if (line.running < limit) line.running += 1;
      else if (line.waiting.length >= MAX_WAITING) throw new ServiceBusyError(1);
      // Whoever finishes hands its place on, so the count stays.
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

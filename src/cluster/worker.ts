/** A worker's side of the conversation with the primary process. */
import { isToWorker, type Snapshot, type ToPrimary } from './messages.ts';

export type WorkerLink = {
  /** Tells the primary that requests are answered. */
  ready: () => void;
  /** The metrics of all workers. */
  metricsOfAll: () => Promise<string>;
  /** Sets how a snapshot of the metrics of this worker is taken. */
  snapshotFrom: (take: () => Promise<Snapshot>) => void;
};

export function joinPrimary(): WorkerLink {
  const send = (message: ToPrimary) => void process.send?.(message);
  const waiting = new Map<number, (text: string) => void>();
  let questions = 0;
  let take: () => Promise<Snapshot> = async () => [];
  process.on('message', (message: unknown) => {
    if (!isToWorker(message)) return;
    if (message.kind === 'metrics') waiting.get(message.id)?.(message.text);
    else void take().then((metrics) => send({ kind: 'snapshot', id: message.id, metrics }));
  });
  return {
    ready: () => send({ kind: 'ready' }),
    metricsOfAll: async () => {
      const id = ++questions;
      const { promise, resolve } = Promise.withResolvers<string>();
      waiting.set(id, resolve);
      send({ kind: 'ask', id });
      return promise.finally(() => waiting.delete(id));
    },
    snapshotFrom: (source) => {
      take = source;
    },
  };
}

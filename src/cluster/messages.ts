/** The messages between the primary process and its workers. */

/** The environment variable with the number of a worker, set by the primary; the first is 0. */
export const WORKER_VARIABLE = 'LATCHKEY_WORKER';

/** The metrics of one worker, as prom-client writes them for others. */
export type Snapshot = object[];

export type ToPrimary =
  | { kind: 'ready' }
  | { kind: 'snapshot'; id: number; metrics: Snapshot }
  /** Requests the metrics of all workers. */
  | { kind: 'ask'; id: number };

export type ToWorker =
  /** Requests a snapshot of the worker's metrics. */
  { kind: 'take'; id: number } | { kind: 'metrics'; id: number; text: string };

export function isToPrimary(message: unknown): message is ToPrimary {
  return hasKind(message, ['ready', 'snapshot', 'ask']);
}

export function isToWorker(message: unknown): message is ToWorker {
  return hasKind(message, ['take', 'metrics']);
}

function hasKind(message: unknown, kinds: readonly string[]): boolean {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return false;
  return kinds.some((kind) => kind === message.kind);
}

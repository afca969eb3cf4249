/**
 * The process that owns the port when there are several workers (WORKERS). It starts them, replaces those that die,
 * lets them drain when it has to stop, and adds up their metrics. It opens no database and answers no requests itself.
 *
 * A connection that was just being handed to a worker when that was killed is neither answered nor closed, because
 * node:cluster keeps its own end until the worker has confirmed it. There is one at most for each death. Workers that
 * accept connections themselves (`cluster.SCHED_NONE`) would not have this, but share them very unevenly.
 *
 * The first worker leads: it migrates, and the others start when it is ready. So does the one that replaces it.
 */
import cluster, { type Worker } from 'node:cluster';
import { setTimeout } from 'node:timers/promises';
import type { Log } from '#outside/log.ts';
import { isToPrimary, type Snapshot, type ToWorker, WORKER_VARIABLE } from './messages.ts';

export type Primary = {
  /** Resolves when all workers have been started. Rejects with the exit code of a first worker that cannot start. */
  started: Promise<void>;
  /** The metrics of all workers that answer in time. */
  snapshots: () => Promise<Snapshot[]>;
  /** Lets all workers read their certificate again (SIGHUP). */
  renewCertificates: () => void;
  /** Lets all workers drain, and kills those that have not ended in time. Resolves with the exit code. */
  stop: () => Promise<number>;
};

export type PrimaryOptions = {
  workers: number;
  /** How long workers may drain. */
  stopSeconds: number;
  /** The metrics of all workers, for a worker that is asked for them. */
  metricsText: () => Promise<string>;
  log: Log;
};

/** The pause before a worker is replaced doubles with each death, until one has lived for a while. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 30_000;
const STEADY_MS = 60_000;
const SNAPSHOT_WAIT_MS = 3000;

/** `isReady`: it listens to signals. `missedRenewal`: it may have read its certificate before that was renewed. */
type Place = { index: number; worker: Worker | null; deaths: number; isReady: boolean; missedRenewal: boolean };

const emptyPlace = (index: number): Place => ({
  index,
  worker: null,
  deaths: 0,
  isReady: false,
  missedRenewal: false,
});

export function startWorkers({ workers, stopSeconds, metricsText, log }: PrimaryOptions): Primary {
  const places: Place[] = Array.from({ length: workers }, (_, index) => emptyPlace(index));
  const started = Promise.withResolvers<void>();
  const asked = new Map<number, (snapshot: Snapshot) => void>();
  const living = () => places.flatMap(({ worker }) => (worker?.isConnected() ? [worker] : []));
  const send = (worker: Worker, message: ToWorker) => void worker.send(message, () => {});
  let questions = 0;
  let isReady = false;
  let isStopping = false;
  let exitCode = 0;

  function start(place: Place): void {
    const worker = cluster.fork({ [WORKER_VARIABLE]: String(place.index) });
    Object.assign(place, { worker, isReady: false, missedRenewal: false });
    const since = performance.now();
    log.info({ worker: place.index, pid: worker.process.pid }, 'worker started');
    worker.on('message', (message: unknown) => void hear(place, worker, message));
    worker.once('exit', (code, signal) => {
      place.worker = null;
      if (performance.now() - since > STEADY_MS) place.deaths = 0;
      ended(place, code, signal);
    });
  }

  async function hear(place: Place, worker: Worker, message: unknown): Promise<void> {
    if (!isToPrimary(message)) return;
    if (message.kind === 'snapshot') asked.get(message.id)?.(message.metrics);
    else if (message.kind === 'ask') send(worker, { kind: 'metrics', id: message.id, text: await metricsText() });
    else becameReady(place);
  }

  function becameReady(place: Place): void {
    place.isReady = true;
    if (place.missedRenewal) place.worker?.process.kill('SIGHUP');
    if (!isReady) {
      isReady = true;
      for (const place of places.slice(1)) start(place);
      started.resolve();
    }
  }

  function ended(place: Place, code: number | null, signal: string | null): void {
    if (isStopping) {
      if (code !== 0 && signal !== 'SIGTERM') exitCode = 1;
      return;
    }
    if (!isReady) {
      started.reject(new WorkerNotStartedError(code));
      return;
    }
    place.deaths += 1;
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (place.deaths - 1));
    log.error({ worker: place.index, exitCode: code, signal, pauseMs }, 'a worker died and will be replaced');
    void setTimeout(pauseMs).then(() => {
      if (!isStopping) start(place);
    });
  }

  start(places[0] ?? emptyPlace(0));
  return {
    started: started.promise,
    snapshots: async () => {
      const answers = living().map((worker) => {
        const id = ++questions;
        const { promise, resolve } = Promise.withResolvers<Snapshot | null>();
        asked.set(id, resolve);
        send(worker, { kind: 'take', id });
        const late = setTimeout(SNAPSHOT_WAIT_MS, null, { ref: false });
        return Promise.race([promise, late]).finally(() => asked.delete(id));
      });
      return (await Promise.all(answers)).filter((snapshot) => snapshot !== null);
    },
    renewCertificates: () => {
      for (const place of places) {
        // The signal would end a process that does not listen to it yet.
        if (place.isReady) place.worker?.process.kill('SIGHUP');
        else place.missedRenewal = true;
      }
    },
    stop: async () => {
      isStopping = true;
      const ends = places.flatMap(({ worker }) =>
        worker === null ? [] : [new Promise((resolve) => worker.once('exit', resolve))],
      );
      for (const { worker } of places) worker?.process.kill('SIGTERM');
      const late = setTimeout(stopSeconds * 1000, 'late', { ref: false });
      if ((await Promise.race([Promise.all(ends), late])) !== 'late') return exitCode;
      for (const { worker } of places) worker?.process.kill('SIGKILL');
      return 1;
    },
  };
}

/** The first worker ended before it was ready, and has logged why. */
export class WorkerNotStartedError extends Error {
  override readonly name = 'WorkerNotStartedError';
  readonly exitCode: number;
  constructor(code: number | null) {
    super('The first worker did not start.');
    this.exitCode = code || 1;
  }
}

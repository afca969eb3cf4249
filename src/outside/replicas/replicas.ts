/**
 * Read replicas of the database (DATABASE_REPLICA_URLS), for reads that may lag behind. Whatever is wrong with one of
 * them, the primary answers instead.
 */
import type { SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import type pg from 'pg';
import type { ReplicaConfig } from '#config/database/replica-settings.ts';
import type { PrismaClient } from '#generated/prisma/client.ts';
import type { Log } from '../log.ts';
import type { PoolSettings } from '../postgresql/pool.ts';
import { createReplica, type Examined, type Replica, type ReplicaState } from './replica.ts';
import { readPrimary } from './standby.ts';
import { createWalHistory } from './wal-history.ts';

export type Replicas = {
  /** Starts to ask the servers, regularly and until `close`. Before that, no replica is read. */
  watch: () => void;
  /** The next replica that may be read, in rotation; null if there is none. */
  next: () => Replica | null;
  /** A replica that is read has everything that was committed this many seconds ago. */
  maxLagSeconds: number;
  /** Notes that the primary answered what a replica could have. */
  notePrimary: () => void;
  states: () => ReplicaState[];
  /** How many times the primary answered. */
  readsOfPrimary: () => number;
  /** For `latchkey doctor`, of each replica: what `Replica.examine` says, or the error. */
  examine: () => Promise<PromiseSettledResult<Examined>[]>;
  close: () => Promise<void>;
};

export type ReplicasParts = {
  config: ReplicaConfig;
  /** Of the primary. */
  primary: pg.Pool;
  pool: Omit<PoolSettings, 'max'>;
  log: Log;
  openPrisma: (adapters: SqlMigrationAwareDriverAdapterFactory) => PrismaClient;
};

const INTERVAL_MS = 1000;

export function createReplicas({ config, primary, pool, log, openPrisma }: ReplicasParts): Replicas {
  const { urls, poolSize: max, maxLagSeconds } = config;
  const history = createWalHistory();
  const all = urls.map((url, at) =>
    createReplica({ number: at + 1, url, maxLagSeconds, pool: { ...pool, max }, log, history, openPrisma }),
  );
  let timer: NodeJS.Timeout | undefined;
  let isAsking = false;
  let turn = 0;
  let readsOfPrimary = 0;

  /** During an outage of the primary, nothing is asked, and replicas soon count as too far behind. */
  async function ask(): Promise<void> {
    if (isAsking || primary.ending) return;
    isAsking = true;
    const at = performance.now();
    try {
      const answer = await readPrimary(primary);
      history.note(at, answer.position);
      for (const replica of all) void replica.measure({ ...answer, at });
    } catch {
      // Whatever needs the primary reports the outage.
    } finally {
      isAsking = false;
    }
  }

  return {
    watch: () => {
      timer ??= setInterval(() => void ask(), INTERVAL_MS).unref();
      void ask();
    },
    next: () => {
      const fit = all.filter((replica) => replica.mayBeRead());
      return fit[turn++ % Math.max(1, fit.length)] ?? null;
    },
    maxLagSeconds,
    notePrimary: () => {
      readsOfPrimary += 1;
    },
    states: () => all.map((replica) => replica.state()),
    readsOfPrimary: () => readsOfPrimary,
    examine: async () => {
      const answer = await readPrimary(primary);
      return Promise.allSettled(all.map((replica) => replica.examine(answer)));
    },
    close: async () => {
      clearInterval(timer);
      await Promise.all(all.map((replica) => replica.close()));
    },
  };
}

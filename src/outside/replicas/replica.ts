/** One read replica: its connections, whether it may be read, and reading from it. */
import { setTimeout } from 'node:timers/promises';
import { PrismaPg } from '@prisma/adapter-pg';
import type { SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import { databaseError } from '#errors/database-error.ts';
import { isOutage } from '#errors/outage.ts';
import type { Prisma, PrismaClient } from '#generated/prisma/client.ts';
import type { Log } from '../log.ts';
import { createPool, type PoolSettings } from '../postgresql/pool.ts';
import { createServers } from '../postgresql/servers.ts';
import { type PrimaryPosition, readStandby, unfitness } from './standby.ts';
import type { WalHistory } from './wal-history.ts';

/** Why a replica is not read. */
export type Reason = 'unreachable' | 'unfit' | 'primary' | 'ahead' | 'behind';
type Verdict = { isUsed: true } | { isUsed: false; reason: Reason; because: string };

/** `at`: when the primary was asked, in milliseconds of `performance.now()`. */
type AskedPrimary = PrimaryPosition & { at: number };

export type ReplicaState = {
  /** From 1, in the order of DATABASE_REPLICA_URLS. */
  number: number;
  isUsed: boolean;
  /** The list may hold the address of the primary. */
  isPrimary: boolean;
  /** Null while that is not known: the replica does not answer, or was too far behind from the start. */
  lagSeconds: number | null;
  /** How many times it was read. */
  reads: number;
};

/** `problem`: why it can never be read, in words. `lagSeconds`: by the last transaction that it has. */
export type Examined = { problem: string | null; isPrimary: boolean; lagSeconds: number };

export type Replica = {
  mayBeRead: () => boolean;
  /**
   * What `work` finds; null if it finds nothing, or if it fails for any reason: then the primary is asked.
   */
  read: <T>(work: (db: Prisma.TransactionClient) => Promise<T>) => Promise<T | null>;
  /** Asks how far behind it is, and logs it when that changes whether it is read. Never fails. */
  measure: (primary: AskedPrimary) => Promise<void>;
  state: () => ReplicaState;
  /** For `latchkey doctor`, which has nothing but a moment. Fails if it does not answer. */
  examine: (primary: PrimaryPosition) => Promise<Examined>;
  close: () => Promise<void>;
};

export type ReplicaParts = {
  number: number;
  url: string;
  maxLagSeconds: number;
  pool: PoolSettings;
  log: Log;
  history: WalHistory;
  openPrisma: (adapters: SqlMigrationAwareDriverAdapterFactory) => PrismaClient;
};

export function createReplica(parts: ReplicaParts): Replica {
  const { number, url, maxLagSeconds, history } = parts;
  const log = parts.log.child({ readReplica: number });
  const pool = createPool(createServers(url), log, parts.pool);
  let prisma: PrismaClient | null = null;
  /** Null until the first answer. */
  let verdict: Verdict | null = null;
  /** Until when it has everything, in milliseconds of `performance.now()`. */
  let completeUntil: number | null = null;
  let lagSeconds: number | null = null;
  let isKnown = false;
  let isFailing = false;
  let isAsked = false;
  let reads = 0;
  let last = { position: 0n, at: 0 };

  async function judge(primary: AskedPrimary): Promise<Verdict> {
    if (!isKnown) {
      const problem = await unfitness(pool, primary);
      if (problem !== null) return { isUsed: false, reason: 'unfit', because: problem };
      isKnown = true;
    }
    // What was read before the primary was asked cannot be more than the primary has.
    const isAhead = last.at < primary.at && last.position > primary.position;
    const standby = await readStandby(pool);
    if (!standby.isStandby) {
      lagSeconds = null;
      return { isUsed: false, reason: 'primary', because: 'It accepts writes.' };
    }
    const now = performance.now();
    last = { position: standby.position, at: now };
    if (isAhead) return { isUsed: false, reason: 'ahead', because: 'It is ahead of the primary.' };
    completeUntil = history.completeUntil(standby.position);
    lagSeconds = (now - (completeUntil ?? history.since() ?? now)) / 1000;
    // Once too far behind, it has to come close, so that it does not come and go.
    const limit = verdict?.isUsed === false && verdict.reason === 'behind' ? maxLagSeconds / 2 : maxLagSeconds;
    if (completeUntil !== null && lagSeconds <= limit) return { isUsed: true };
    return { isUsed: false, reason: 'behind', because: `It is ${Math.round(lagSeconds)} s behind.` };
  }

  function note(next: Verdict): void {
    const isNews = verdict === null || reasonOf(verdict) !== reasonOf(next);
    verdict = next;
    if (!isNews) return;
    if (next.isUsed) log.info('a read replica is used');
    // The list may hold the address of the primary, which is read when it no longer is the primary.
    else if (next.reason === 'primary') log.info({ reason: next.reason }, NOT_USED);
    else log.warn({ reason: next.reason, because: next.because }, NOT_USED);
  }

  return {
    mayBeRead: () => {
      if (verdict?.isUsed !== true || isFailing || completeUntil === null) return false;
      return performance.now() - completeUntil <= maxLagSeconds * 1000;
    },
    read: async (work) => {
      prisma ??= parts.openPrisma(new PrismaPg(pool));
      try {
        const found = await work(prisma);
        if (found !== null) reads += 1;
        return found;
      } catch (error) {
        isFailing ||= isLost(error);
        return null;
      }
    },
    measure: async (primary) => {
      if (isAsked || pool.ending) return;
      isAsked = true;
      const next = await judge(primary).catch((error: Error): Verdict => {
        isKnown = false;
        lagSeconds = null;
        return { isUsed: false, reason: 'unreachable', because: error.message };
      });
      isAsked = false;
      if (pool.ending) return;
      isFailing = false;
      note(next);
    },
    state: () => ({
      number,
      isUsed: verdict?.isUsed === true,
      isPrimary: verdict !== null && reasonOf(verdict) === 'primary',
      lagSeconds,
      reads,
    }),
    examine: async (primary) => {
      const problem = await unfitness(pool, primary);
      if (problem !== null) return { problem, lagSeconds: 0, isPrimary: false };
      const { isStandby, position, lastTransactionSeconds } = await readStandby(pool);
      if (!isStandby) return { problem: null, lagSeconds: 0, isPrimary: true };
      const lagSeconds = position >= primary.position ? 0 : (lastTransactionSeconds ?? Number.POSITIVE_INFINITY);
      return { problem: null, lagSeconds, isPrimary: false };
    },
    close: async () => {
      await prisma?.$disconnect();
      // Idle connections to a host that has vanished would end when TCP gives up.
      await Promise.race([pool.end(), setTimeout(CLOSE_MS, null, { ref: false })]);
    },
  };
}

const CLOSE_MS = 1000;
const NOT_USED = 'a read replica is not used; the primary answers instead';

const reasonOf = (verdict: Verdict) => (verdict.isUsed ? null : verdict.reason);

/** Whether the server or the way to it is at fault, and not the one statement, which got in the way of the replay. */
function isLost(error: unknown): boolean {
  return error instanceof Error && isOutage(error) && databaseError(error).sqlState !== '40001';
}

/**
 * Reading late: from a standby of the database (DATABASE_REPLICA_URLS), which is a moment behind the primary, up to
 * DATABASE_REPLICA_MAX_LAG. For long lists that people look at: accounts, the audit log, and exports. Never for
 * anything that decides something, such as sessions, budgets, challenges, and keys. test/architecture/rules.test.ts
 * lists the callers.
 *
 * Everyone sees their own changes: the primary answers after a change in the same request, and for a while after every
 * event that the viewer caused, in any process.
 */
import type { Replica } from '#outside/replicas/replica.ts';
import type { Ctx } from './context.ts';
import { secondsAfter } from './time.ts';

/**
 * Runs `work`, which only reads, on a replica if there is one that may be read, or else on the primary. If the replica
 * fails, the primary is asked.
 * @param work returns null if it finds nothing, which a replica may not have yet: then the primary is asked
 */
export async function readLate<T>(ctx: Ctx, work: (late: Pick<Ctx, 'db'>) => Promise<T>): Promise<T> {
  const replica = await ctx.replica();
  const found = replica?.mayBeRead() ? await replica.read((db) => work({ db })) : null;
  if (found !== null) return found;
  ctx.database.replicas?.notePrimary();
  return work({ db: ctx.db });
}

/** A change is committed a few seconds after the time of its event at the latest, because transactions end by then. */
const COMMIT_SECONDS = 20;

/** The replica for one request; null if there is none, or if the viewer may just have changed something. */
export async function replicaFor(ctx: Pick<Ctx, 'database' | 'clock' | 'viewer'>): Promise<Replica | null> {
  const { replicas } = ctx.database;
  const replica = replicas?.next() ?? null;
  if (replicas === null || replica === null) return null;
  const viewer = await ctx.viewer();
  if (viewer === null) return null;
  const since = secondsAfter(ctx.clock(), -replicas.maxLagSeconds - COMMIT_SECONDS);
  const [row] = await ctx.database.query<{ hasActed: boolean }>(HAS_ACTED, [viewer.user.id, since]);
  return row?.hasActed === false ? replica : null;
}

const HAS_ACTED = {
  name: 'has-acted',
  text: `
    SELECT EXISTS (SELECT 1 FROM audit_events WHERE actor_id = $1::uuid AND occurred_at > $2::timestamptz) AS "hasActed"`,
};

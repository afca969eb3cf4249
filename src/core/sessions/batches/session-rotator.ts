/**
 * Advances sessions to their next generation. Those whose tokens arrive in one turn of the event loop are advanced by
 * one statement, which guards each of them by itself.
 *
 * The statement waits for nobody: a session that someone else has locked is left out, or it would hold up all others. A
 * session that it leaves out, for this or any other reason, is tried by itself, and only that decides that it cannot be
 * advanced. So of several who present the same token, one succeeds.
 */
import type { Config } from '#config/config.ts';
import { secondsAfter } from '#core/time.ts';
import { together } from '#core/together.ts';
import type { FirstFactor } from '#core/tokens/authentication-claims.ts';
import type { Clock } from '#outside/clock.ts';
import type { Database } from '#outside/database.ts';
import type { Tracing } from '#outside/telemetry/tracing.ts';
import { SESSION_WITH_USER_COLUMNS, type SessionWithUser, toSessionWithUser } from '../session-columns.ts';

export type SessionRotator = {
  /** The session in its next generation; null if it is not live, not at `generation`, or does not rotate. */
  rotate: (sessionId: string, generation: number) => Promise<SessionWithUser | null>;
};

type Presented = { sessionId: string; generation: number };

const LEGACY = 'legacy-password' satisfies FirstFactor;

/** $1 and $2: the session and its generation, $3: now, $4: when it expires unless used, $5: whether LEGACY counts. */
const advance = (asked: { from: string; is: string }) => `
    UPDATE sessions s
       SET generation = s.generation + 1, rotated_at = $3, last_used_at = $3,
           expires_at = least(s.absolute_expires_at, $4)
      FROM ${asked.from}users u
     WHERE ${asked.is} AND s.ended_at IS NULL AND s.expires_at > $3
       AND s.rotates AND NOT s.is_provisional AND ($5 OR s.method <> '${LEGACY}')
       AND u.id = s.user_id AND u.disabled_at IS NULL AND u.deletes_at IS NULL
    RETURNING ${SESSION_WITH_USER_COLUMNS}`;

const ROTATE = {
  name: 'rotate-session',
  text: advance({ from: '', is: 's.id = $1 AND s.generation = $2' }),
};

const ROTATE_FREE = {
  name: 'rotate-free-sessions',
  text: `
    WITH free AS (
      SELECT s.id, s.generation
        FROM unnest($1::uuid[], $2::int[]) AS asked (id, generation)
        JOIN sessions s ON s.id = asked.id AND s.generation = asked.generation
         FOR NO KEY UPDATE OF s SKIP LOCKED)
    ${advance({ from: 'free, ', is: 's.id = free.id AND s.generation = free.generation' })}`,
};

export function createSessionRotator({
  database,
  clock,
  tracing,
  config: { sessionIdleTtlSeconds, legacyPasswords },
}: {
  database: Pick<Database, 'rows'>;
  clock: Clock;
  tracing: Tracing | null;
  config: Pick<Config, 'sessionIdleTtlSeconds' | 'legacyPasswords'>;
}): SessionRotator {
  const run = async (statement: typeof ROTATE, ids: string | string[], generations: number | number[]) => {
    const now = clock();
    const idleEnd = secondsAfter(now, sessionIdleTtlSeconds);
    const rows = await database.rows(statement, [ids, generations, now, idleEnd, legacyPasswords]);
    return rows.map((row) => toSessionWithUser(row));
  };

  const advanceFree = async (presented: readonly Presented[]) => {
    const ids = presented.map(({ sessionId }) => sessionId);
    const rotated = await run(
      ROTATE_FREE,
      ids,
      presented.map(({ generation }) => generation),
    );
    const byId = new Map(rotated.map((it) => [it.session.id, it]));
    return presented.map(({ sessionId, generation }) => {
      const found = byId.get(sessionId);
      if (found?.session.generation !== generation + 1) return null;
      // Anyone else with the same token has not advanced it.
      byId.delete(sessionId);
      return found;
    });
  };
  const rotateFree = together({ answer: advanceFree, tracing, name: ROTATE_FREE.name });

  return {
    rotate: async (sessionId, generation) => {
      const presented = { sessionId: sessionId.toLowerCase(), generation };
      const rotated = await rotateFree(presented);
      return rotated ?? (await run(ROTATE, presented.sessionId, generation))[0] ?? null;
    },
  };
}

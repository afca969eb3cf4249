/**
 * Reads sessions with their users, which nearly every request needs. What is asked for in one turn of the event loop is
 * read by one statement. Nothing is kept: a session is always read after it was asked for, so one that has been ended
 * meanwhile is seen as ended.
 */

import { together } from '#core/together.ts';
import type { Database } from '#outside/database.ts';
import type { Tracing } from '#outside/telemetry/tracing.ts';
import { SESSION_WITH_USER_COLUMNS, type SessionWithUser, toSessionWithUser } from '../session-columns.ts';

export type SessionReader = {
  /** A session with its user, live or not; null if there is none. */
  read: (sessionId: string) => Promise<SessionWithUser | null>;
};

const FIND = {
  name: 'find-sessions',
  text: `
    SELECT ${SESSION_WITH_USER_COLUMNS} FROM sessions s JOIN users u ON u.id = s.user_id
     WHERE s.id = ANY($1::uuid[])`,
};

export function createSessionReader({
  database,
  tracing,
}: {
  database: Pick<Database, 'rows'>;
  tracing: Tracing | null;
}): SessionReader {
  const find = async (ids: readonly string[]) => {
    const rows = await database.rows(FIND, [[...new Set(ids)]]);
    const found = new Map(rows.map((row) => toSessionWithUser(row)).map((it) => [it.session.id, it]));
    return ids.map((id) => found.get(id) ?? null);
  };
  const read = together({ answer: find, tracing, name: FIND.name });
  // The database writes ids in lowercase.
  return { read: (sessionId) => read(sessionId.toLowerCase()) };
}

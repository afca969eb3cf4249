/**
 * Reads sessions with their users, which nearly every request needs. What is asked for in one turn of the event loop is
 * read by one statement. Nothing is kept: a session is always read after it was asked for, so one that has been ended
 * meanwhile is seen as ended.
 */
import type { Database } from '#outside/database.ts';
import { SESSION_WITH_USER_COLUMNS, type SessionWithUser, toSessionWithUser } from './session-columns.ts';

export type SessionReader = {
  /** A session with its user, live or not; null if there is none. */
  read: (sessionId: string) => Promise<SessionWithUser | null>;
};

/** While so many statements are under way, others wait, and are sent as one when the first of them is back. */
const STATEMENTS_AT_ONCE = 2;
/** A longer list would be a longer wait for all of it. */
const SESSIONS_A_STATEMENT = 100;

const FIND = {
  name: 'find-sessions',
  text: `
    SELECT ${SESSION_WITH_USER_COLUMNS} FROM sessions s JOIN users u ON u.id = s.user_id
     WHERE s.id = ANY($1::uuid[])`,
};

type Asked = PromiseWithResolvers<SessionWithUser | null>;

export function createSessionReader(database: Pick<Database, 'rows'>): SessionReader {
  let waiting = new Map<string, Asked>();
  let isScheduled = false;
  let underWay = 0;

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      while (waiting.size > 0 && underWay < STATEMENTS_AT_ONCE) void send();
    });
  }

  async function send(): Promise<void> {
    const asked = take();
    underWay += 1;
    try {
      for (const row of await database.rows(FIND, [[...asked.keys()]])) {
        const found = toSessionWithUser(row);
        asked.get(found.session.id)?.resolve(found);
        asked.delete(found.session.id);
      }
      for (const { resolve } of asked.values()) resolve(null);
    } catch (error) {
      for (const { reject } of asked.values()) reject(error);
    } finally {
      underWay -= 1;
      if (waiting.size > 0) schedule();
    }
  }

  function take(): Map<string, Asked> {
    const entries = [...waiting];
    waiting = new Map(entries.slice(SESSIONS_A_STATEMENT));
    return new Map(entries.slice(0, SESSIONS_A_STATEMENT));
  }

  return {
    read: (sessionId) => {
      // The database writes ids in lowercase.
      const id = sessionId.toLowerCase();
      const asked = waiting.get(id) ?? Promise.withResolvers<SessionWithUser | null>();
      waiting.set(id, asked);
      schedule();
      return asked.promise;
    },
  };
}

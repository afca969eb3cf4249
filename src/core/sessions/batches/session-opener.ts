/**
 * Writes new sessions. Those that are opened in one turn of the event loop are written by one statement, which guards
 * each of them by itself: four sign-ins whose passwords were hashed together cost little more than one.
 *
 * The statement waits for no account: one that someone else has locked is left out, or it would hold up all others.
 * So is a second session of the same account. What it leaves out, for this or any other reason, is tried by itself, and
 * only that decides that the account may not sign in.
 *
 * Only open-session.ts uses it (test/architecture).
 */
import { together } from '#core/together.ts';
import type { Database, Statement } from '#outside/database.ts';
import type { Tracing } from '#outside/telemetry/tracing.ts';

/** What the statement gets of each session, under the names of SQL. */
export const NEW_SESSION = {
  session_id: 'uuid',
  user_id: 'uuid',
  /** The hash that was checked. */
  password_hash: 'text',
  opened_at: 'timestamptz',
  expires_at: 'timestamptz',
  absolute_expires_at: 'timestamptz',
  ip_address: 'text',
  user_agent: 'text',
  request_id: 'text',
  method: 'text',
  rotates: 'boolean',
  /** Separated by spaces. */
  amr: 'text',
  second_factor: 'text',
  /** The trusted device that stands in for the second factor. */
  device_id: 'uuid',
  /** Whether the gate has admitted someone who may have a second factor. */
  is_admitted: 'boolean',
  /** The known device that the client presents: it is renewed. */
  presented_id: 'uuid',
  presented_generation: 'int',
  known_since: 'timestamptz',
  /** Added if the presented device is not known, unless null. */
  new_device_id: 'uuid',
  completed_id: 'uuid',
  limited_id: 'uuid',
  session_ref: 'text',
} as const;

type ValueOf = { uuid: string; text: string; timestamptz: Date; boolean: boolean; int: number };
type Columns = typeof NEW_SESSION;
type Ids = 'session_id' | 'user_id';
export type NewSession = Record<Ids, string> & {
  [Column in Exclude<keyof Columns, Ids>]: ValueOf[Columns[Column]] | null;
};

/** What was written of it. */
export type Opened = {
  sessionId: string;
  /** How many sessions had to end. */
  ended: number;
  /** The known device, and its number from now on; null for clients that cannot keep a token. */
  deviceId: string | null;
  deviceGeneration: number | null;
};

export type SessionOpener = {
  /** Null if the account may not sign in: it has another password, is disabled, or needs a second factor. */
  open: (session: NewSession) => Promise<Opened | null>;
};

export function createSessionOpener({
  database,
  tracing,
  statements,
}: {
  database: Pick<Database, 'query'>;
  tracing: Tracing | null;
  /** Those of open-statements.ts, which stands above. */
  statements: { open: Statement; openFree: Statement };
}): SessionOpener {
  const openFree = async (sessions: readonly NewSession[]) => {
    const opened = await database.query<Opened>(statements.openFree, [JSON.stringify(oneOfEachUser(sessions))]);
    const byId = new Map(opened.map((it) => [it.sessionId, it]));
    return sessions.map(({ session_id: id }) => byId.get(id) ?? null);
  };
  const openIfFree = together({ answer: openFree, tracing, name: statements.openFree.name });

  return {
    open: async (session) => {
      const opened = await openIfFree(session);
      return opened ?? (await database.query<Opened>(statements.open, [JSON.stringify([session])]))[0] ?? null;
    },
  };
}

/** Two sessions of one user would not see each other in the count of sessions, and renew a device only once. */
function oneOfEachUser(sessions: readonly NewSession[]): NewSession[] {
  return [...new Map(sessions.map((session) => [session.user_id, session])).values()];
}

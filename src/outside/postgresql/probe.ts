/** Asks a PostgreSQL server over a separate connection, so that the answer does not depend on a pool. */
import { Socket } from 'node:net';
import pg from 'pg';

const SECOND = 1000;
/** For connecting and asking, together. */
const PROBE_MS = 1.5 * SECOND;

/** Returns the single row of the statement. Fails if there is no answer in time. Leaves no connection open. */
export async function askServer<Row extends object>(url: string, text: string): Promise<Row> {
  const socket = new Socket();
  const client = new pg.Client({
    connectionString: url,
    application_name: 'latchkey',
    connectionTimeoutMillis: PROBE_MS,
    query_timeout: PROBE_MS,
    stream: () => socket,
  });
  client.on('error', () => {});
  const timer = setTimeout(() => socket.destroy(new Error('timeout expired')), PROBE_MS);
  try {
    await client.connect();
    const { rows } = await client.query<Row>(text);
    const [row] = rows;
    if (row === undefined) throw new Error('The server returned no row');
    return row;
  } finally {
    clearTimeout(timer);
    // Not awaited, because a host that has vanished never confirms.
    client.end().catch(() => {});
    setTimeout(() => socket.destroy(), SECOND).unref();
  }
}

/** Whether the server answers, and whether it only reads, as a standby does. */
export function probeServer(url: string): Promise<{ isReadOnly: boolean }> {
  return askServer(url, `SELECT current_setting('transaction_read_only') <> 'off' AS "isReadOnly"`);
}

/**
 * Whether two connections that are open at once share one session, as behind a pooler in transaction mode. Whatever is
 * prepared, set, or locked on such a connection gets lost.
 */
export async function sharesSessions(url: string): Promise<boolean> {
  const settings = { connectionString: url, connectionTimeoutMillis: PROBE_MS, query_timeout: PROBE_MS };
  const clients = [new pg.Client(settings), new pg.Client(settings)];
  for (const client of clients) client.on('error', () => {});
  try {
    const sessions = new Set<number>();
    for (const client of clients) await client.connect();
    for (const client of clients) {
      const { rows } = await client.query<{ id: number }>('SELECT pg_backend_pid() AS id');
      sessions.add(rows[0]?.id ?? 0);
    }
    return sessions.size < clients.length;
  } finally {
    for (const client of clients) client.end().catch(() => {});
  }
}

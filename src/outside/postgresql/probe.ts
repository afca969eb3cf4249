/** Asks a PostgreSQL server on a connection of its own, so that the answer does not depend on a pool. */
import { Socket } from 'node:net';
import pg from 'pg';

const SECOND = 1000;
/** For connecting and asking together. */
const PROBE_MS = 1.5 * SECOND;

/** The one row that the statement returns. Fails if there is no answer in time; nothing stays open. */
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
    // Not waited for: a host that has vanished does not say goodbye.
    client.end().catch(() => {});
    setTimeout(() => socket.destroy(), SECOND).unref();
  }
}

/** Whether the server answers, and whether it only reads, as a standby does. */
export function probeServer(url: string): Promise<{ isReadOnly: boolean }> {
  return askServer(url, `SELECT current_setting('transaction_read_only') <> 'off' AS "isReadOnly"`);
}

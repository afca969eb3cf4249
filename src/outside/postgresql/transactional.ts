/**
 * Behind a pooler in transaction mode, every transaction may run in another session. So each statement becomes a
 * separate transaction, which begins with the settings that a session would have.
 */
import type pg from 'pg';

/** What pg-boss sends: several statements, already wrapped in a transaction. */
const HAS_ITS_OWN = /^\s*BEGIN\b/i;

/** Replaces `query` of the pool. `connect` already returns clients whose `BEGIN` brings the settings. */
export function makeTransactional(pool: pg.Pool): pg.Pool {
  const inTransaction = async (...parameters: unknown[]): Promise<unknown> => {
    const [statement] = parameters;
    const client = await pool.connect();
    const run = (): Promise<unknown> => Reflect.apply(client.query, client, parameters);
    try {
      if (typeof statement === 'string' && HAS_ITS_OWN.test(statement)) {
        const result = await run();
        client.release();
        return result;
      }
      await client.query('BEGIN');
      const result = await run();
      await client.query('COMMIT');
      client.release();
      return result;
    } catch (error) {
      await client.query('ROLLBACK').then(
        () => client.release(),
        (broken: Error) => client.release(broken),
      );
      throw error;
    }
  };
  return Object.assign(pool, { query: inTransaction });
}

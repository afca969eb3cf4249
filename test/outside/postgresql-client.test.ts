/** Connections to PostgreSQL that stop answering. */
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { createLog } from '../../src/outside/log.ts';
import { createPool } from '../../src/outside/postgresql/pool.ts';
import { createServers } from '../../src/outside/postgresql/servers.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

let proxy: TcpProxy;
let pool: ReturnType<typeof createPool>;
beforeEach(async () => {
  const url = new URL(inject('postgresqlUrl'));
  proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
  url.hostname = '127.0.0.1';
  url.port = String(proxy.port);
  // Less than it takes to notice that a whole host has vanished.
  const settings = { max: 3, idleTimeoutMillis: 10_000, statementTimeout: 500 };
  pool = createPool(createServers(url.href), createLog('silent'), settings);
});
afterEach(async () => {
  await pool.end();
  await proxy.close();
});

test('are cut, whatever waits on them, and the next statement gets another connection', async () => {
  const client = await pool.connect();
  await pool.query('SELECT 1');
  proxy.vanish();
  const waiting = [pool.query('SELECT 2'), client.query('SELECT 3'), client.query({ text: 'SELECT $1::int' }, [4])];
  const ends = await Promise.allSettled(waiting);
  expect(ends.map((end) => (end.status === 'rejected' ? String(end.reason) : end.value))).toEqual([
    'Error: Query read timeout',
    'Error: Query read timeout',
    'Error: Query read timeout',
  ]);
  client.release(true);
  await proxy.heal();
  expect((await pool.query('SELECT 5 AS five')).rows).toEqual([{ five: 5 }]);
});

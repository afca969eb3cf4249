/** A real PgBouncer from Debian, for the length of a test. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort, IDENTITY } from './postgresql-server.ts';

/** Null where it is not installed. */
export function findPgbouncer(): string | null {
  // Debian has it where only root looks.
  return ['pgbouncer', '/usr/sbin/pgbouncer'].find((it) => spawnSync(it, ['-V']).error === undefined) ?? null;
}

/** In front of the server of `url`, with few connections to it, so that clients share them. */
export async function startPgbouncer(
  binary: string,
  url: string,
  settings: Record<string, string>,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const { hostname, port, username } = new URL(url);
  const home = mkdtempSync(join(tmpdir(), 'latchkey-pgbouncer-'));
  const own = new URL(url);
  own.host = `127.0.0.1:${await findFreePort()}`;
  const lines = {
    listen_addr: '127.0.0.1',
    listen_port: own.port,
    unix_socket_dir: '',
    auth_type: 'any',
    default_pool_size: '5',
    max_client_conn: '100',
    ...settings,
  };
  const file = join(home, 'pgbouncer.ini');
  const text = Object.entries(lines).map(([name, value]) => `${name} = ${value}`);
  const target = `* = host=${hostname} port=${port} user=${username}`;
  writeFileSync(file, ['[databases]', target, '[pgbouncer]', ...text, ''].join('\n'));
  spawnSync('chmod', ['-R', 'a+rX', home]);
  const child = spawn(binary, [file], { ...IDENTITY, stdio: ['ignore', 'ignore', 'pipe'] });
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (said.includes('process up')) resolve();
  });
  child.once('error', reject);
  child.once('exit', () => reject(new Error(`PgBouncer did not start: ${said}`)));
  await ready;
  return {
    url: own.href,
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      rmSync(home, { recursive: true, force: true });
    },
  };
}

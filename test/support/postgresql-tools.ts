/**
 * PostgreSQL as a distribution packages it, with the tools that operators back it up with. npm has a server only, and a
 * tool works with servers of its own version and older ones.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { IDENTITY } from './postgresql-server.ts';

/** Debian and Ubuntu have a directory for each version. */
const HOME = '/usr/lib/postgresql';
const NEEDED = ['initdb', 'postgres', 'pg_dump', 'pg_restore', 'pg_basebackup'];

/** The directory of the newest version that has everything; null if none has. */
export const POSTGRESQL_TOOLS: string | null =
  (existsSync(HOME) ? readdirSync(HOME) : [])
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(HOME, version, 'bin'))
    .find((directory) => NEEDED.every((name) => isProgram(join(directory, name)))) ?? null;

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Runs one of them, as the user that the servers of tests run as. */
export function runPostgresqlTool(name: string, ...parameters: string[]): void {
  const { status, stderr, error } = spawnSync(join(POSTGRESQL_TOOLS ?? '', name), parameters, {
    ...IDENTITY,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${name} failed: ${error ?? stderr}`);
}

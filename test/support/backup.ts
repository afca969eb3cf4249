/** Backups of a stopped service as an operator takes them: the directory, or a copy of the database on the server. */
import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { inject } from 'vitest';
import { operatorEnv } from './command.ts';
import type { Latchkey } from './latchkey.ts';

export type Backup = { restore: () => Promise<void>; drop: () => Promise<void> };

/** The service must be stopped, then and when the backup is restored. */
export async function takeBackup({ config: { database } }: Pick<Latchkey, 'config'>): Promise<Backup> {
  if (database.kind === 'embedded') {
    const copy = mkdtempSync(join(tmpdir(), 'latchkey-backup-'));
    cpSync(database.directory, join(copy, 'database'), { recursive: true });
    return {
      restore: async () => {
        rmSync(database.directory, { recursive: true });
        cpSync(join(copy, 'database'), database.directory, { recursive: true });
      },
      drop: async () => rmSync(copy, { recursive: true }),
    };
  }
  const name = new URL(database.url).pathname.slice(1);
  const copy = `latchkey_backup_${randomUUID().replaceAll('-', '')}`;
  await onServer(`CREATE DATABASE ${copy} TEMPLATE ${name}`);
  return {
    restore: async () => {
      await onServer(`DROP DATABASE ${name} WITH (FORCE)`);
      await onServer(`CREATE DATABASE ${name} TEMPLATE ${copy}`);
    },
    drop: () => onServer(`DROP DATABASE ${copy}`),
  };
}

/** The environment of an operator of this service, which has to be stopped if its database is embedded. */
export function stoppedServiceEnv({ config }: Pick<Latchkey, 'config'>): Record<string, string> {
  if (config.database.kind === 'postgresql') return operatorEnv({ config });
  if (config.secret.kind !== 'given' || config.mail.kind !== 'smtp') throw new Error('unexpected settings');
  const data = dirname(config.database.directory);
  return { DATA_DIR: data, SECRET: config.secret.value, SMTP_URL: config.mail.url, PUBLIC_URL: config.publicUrl };
}

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgresqlUrl') });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

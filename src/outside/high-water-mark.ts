/** A file beside the database that remembers the newest event of the audit log that this process has seen. */
import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DatabaseConfig } from '#config/database/database-settings.ts';

/** An event and its time, which is when the database was last seen. */
export type Mark = { id: string; occurredAt: Date };

export type HighWaterMark = {
  /** Null if there is none, or if it cannot be read. */
  read: () => Mark | null;
  /** Does nothing where it cannot be written: a read-only file system has no memory. */
  write: (mark: Mark) => Promise<void>;
};

function createHighWaterMark(path: string): HighWaterMark {
  let written = '';
  return {
    read: () => {
      try {
        const { id, occurredAt } = JSON.parse(readFileSync(path, 'utf8'));
        const time = new Date(occurredAt);
        return typeof id === 'string' && !Number.isNaN(time.getTime()) ? { id, occurredAt: time } : null;
      } catch {
        return null;
      }
    },
    write: async (mark) => {
      const text = `${JSON.stringify(mark)}\n`;
      if (text === written) return;
      try {
        // Whole or not at all, even if the process is killed.
        await writeFile(`${path}.new`, text, { mode: 0o600 });
        await rename(`${path}.new`, path);
        written = text;
      } catch {
        // See above.
      }
    },
  };
}

/** In DATA_DIR, where that stays; null where it need not exist. */
export function highWaterMarkOf(config: { database: DatabaseConfig; dataDir: string | null }): HighWaterMark | null {
  const { database, dataDir } = config;
  const folder = database.kind === 'embedded' ? dirname(database.directory) : dataDir;
  return folder === null ? null : createHighWaterMark(join(folder, 'newest-event.json'));
}

/** A file in the data directory that remembers the newest event of the audit log that this process has seen. */
import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DatabaseConfig } from '#config/database/database-settings.ts';

/** The newest event, and when it happened. */
export type Mark = { id: string; occurredAt: Date };

export type HighWaterMark = {
  /** Null if there is no mark, or if it cannot be read. */
  read: () => Mark | null;
  /** Does nothing where the file cannot be written, as on a read-only file system. */
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
        // Renamed into place, so that the file is complete even if the process is killed.
        await writeFile(`${path}.new`, text, { mode: 0o600 });
        await rename(`${path}.new`, path);
        written = text;
      } catch {
        // As documented: the mark is a help, not a condition for running.
      }
    },
  };
}

/** In the data directory; null where nothing guarantees that it outlives the process. */
export function highWaterMarkOf(config: { database: DatabaseConfig; dataDir: string | null }): HighWaterMark | null {
  const { database, dataDir } = config;
  const folder = database.kind === 'embedded' ? dirname(database.directory) : dataDir;
  return folder === null ? null : createHighWaterMark(join(folder, 'newest-event.json'));
}

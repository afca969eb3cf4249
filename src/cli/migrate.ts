/** Bring the database up to date; for developers, write and check migrations. */
import { normalizeStoredPhones } from '#core/accounts/stored-phones.ts';
import { makeAuditMonths } from '#core/database/audit-months.ts';
import { systemClock } from '#outside/clock.ts';
import { openDatabase } from '#outside/database.ts';
import { findUnwrittenChanges, writeMigration } from '#outside/migrations/migration-files.ts';
import { applyMigrations } from '#outside/migrations/migrations.ts';
import { awaitPostgresql } from '#outside/postgresql/start.ts';
import { command, UsageError } from './command.ts';
import { logOf, settingsOf } from './settings.ts';
import { note, say } from './terminal.ts';

export const migrate = command({
  name: 'migrate',
  summary: 'bring the database up to date (the service does this at every start)',
  run: async ({ terminal }) => {
    const config = settingsOf(terminal);
    const log = logOf(terminal, config.logLevel);
    if (config.database.kind === 'postgresql') await awaitPostgresql(config.database, log);
    const database = await openDatabase(config.database, log);
    try {
      const applied = await applyMigrations(database, log);
      for (const name of applied) say(terminal, `Applied: ${name}`);
      if (applied.length === 0) say(terminal, 'The database is up to date.');
      const clock = await database.followClock();
      // Without the time limits of the service, which may be too short if it went without for long.
      const made = await database.longTransaction((db) => makeAuditMonths({ db, clock, log }));
      if (made.length > 0) say(terminal, `Created for the audit log: ${made.join(', ')}`);
      const { rewritten, releasedFrom } = await normalizeStoredPhones({ database, clock, log, config });
      if (rewritten > 0) say(terminal, `Phone numbers rewritten in one form: ${rewritten}`);
      for (const id of releasedFrom) note(terminal, `Account ${id} lost its phone number: another has the same.`);
      return 0;
    } finally {
      await database.close();
    }
  },
});

export const migrateNew = command({
  name: 'migrate new',
  words: ['NAME'],
  summary: 'write the migration that prisma/schema.prisma needs (for developers)',
  run: async ({ terminal, words: [name = ''] }) => {
    if (!/^[a-z0-9_]{1,60}$/.test(name))
      throw new UsageError('NAME may contain only a-z, 0-9 and _, at most 60 characters.');
    const path = await writeMigration(name, systemClock);
    say(terminal, path === null ? 'Nothing to write: the migrations match prisma/schema.prisma.' : `Written: ${path}`);
    return 0;
  },
});

export const migrateCheck = command({
  name: 'migrate check',
  summary: 'fail if prisma/schema.prisma has changes without a migration (for developers)',
  run: async ({ terminal }) => {
    const changes = await findUnwrittenChanges();
    if (changes === null) return 0;
    note(
      terminal,
      `prisma/schema.prisma has changes without a migration; run \`npm run migrate:new NAME\`:\n${changes}`,
    );
    return 1;
  },
});

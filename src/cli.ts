/** Commands for operators and developers: `npx node src/cli.ts COMMAND`. Exit code 0: done; 1: failed or not up to date; 2: misused. */
import { readFileSync } from 'node:fs';
import { parseConfig } from './config.ts';
import { explain } from './errors.ts';
import { systemClock } from './outside/clock.ts';
import { openDatabase } from './outside/database.ts';
import { createLog } from './outside/log.ts';
import { findUnwrittenChanges, writeMigration } from './outside/migration-files.ts';
import { applyMigrations } from './outside/migrations.ts';

const HELP = `Usage: npx node src/cli.ts COMMAND

  migrate             bring the database up to date (the service does it at every start)
  migrate new NAME    write the migration from prisma/migrations to prisma/schema.prisma
  migrate check       fail when that migration would not be empty
`;

type Command = (rest: readonly string[]) => Promise<number>;

const COMMANDS: Record<string, Command> = {
  migrate: async () => {
    const config = parseConfig(process.env, (path) => readFileSync(path, 'utf8'));
    const log = createLog('warn');
    const database = await openDatabase(config.database, log);
    try {
      const applied = await applyMigrations(database, log);
      say(applied.length === 0 ? 'The database is up to date.' : `Applied: ${applied.join(', ')}`);
      return 0;
    } finally {
      await database.close();
    }
  },
  'migrate new': async ([name]) => {
    if (name === undefined || !/^[a-z0-9_]{1,60}$/.test(name))
      return misused('A migration needs a NAME of a-z, 0-9 and _.');
    const path = await writeMigration(name, systemClock);
    say(path === null ? 'Nothing to write: the migrations match prisma/schema.prisma.' : `Written: ${path}`);
    return 0;
  },
  'migrate check': async () => {
    const changes = await findUnwrittenChanges();
    if (changes === null) return 0;
    process.stderr.write(
      `prisma/schema.prisma has changes without a migration; run \`npm run migrate:new NAME\`:\n${changes}\n`,
    );
    return 1;
  },
};

async function main(words: readonly string[]): Promise<number> {
  const [first = '', second = ''] = words;
  if (first === 'help' || first === '--help') {
    say(HELP);
    return 0;
  }
  const pair = COMMANDS[`${first} ${second}`];
  if (pair !== undefined) return pair(words.slice(2));
  const single = second === '' ? COMMANDS[first] : undefined;
  return single === undefined ? misused(HELP) : single(words.slice(1));
}

function say(text: string): void {
  process.stdout.write(`${text.trimEnd()}\n`);
}

function misused(text: string): number {
  process.stderr.write(`${text.trimEnd()}\n`);
  return 2;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = 1;
}

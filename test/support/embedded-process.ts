/**
 * A process on an embedded database, for tests that kill it: `node embedded-process.ts <directory> <open|write>`.
 * Tells on standard output what happened: `open`, `refused <error>`, and the id of every write once it is acknowledged.
 */
import { openDatabase } from '#outside/database.ts';
import { createLog } from '#outside/log.ts';
import { applyMigrations } from '#outside/migrations/migrations.ts';

const [directory = '', task] = process.argv.slice(2);
const say = (line: string) => void process.stdout.write(`${line}\n`);
const log = createLog('silent');

try {
  const database = await openDatabase({ kind: 'embedded', directory }, log);
  await applyMigrations(database, log);
  say('open');
  const now = new Date();
  const write = async () => {
    const { id } = await database.prisma.$transaction(async (tx) => {
      const user = await tx.user.create({
        data: {
          name: 'Ada',
          email: `${crypto.randomUUID()}@example.com`,
          role: 'customer',
          locale: 'en',
          createdAt: now,
          updatedAt: now,
        },
      });
      const session = {
        userId: user.id,
        createdAt: now,
        lastUsedAt: now,
        expiresAt: now,
        absoluteExpiresAt: now,
        authenticatedAt: now,
      };
      await tx.session.create({ data: session });
      return user;
    });
    say(id);
  };
  while (task === 'write') await Promise.all([write(), write(), write()]);
  // The end of standard input is the signal to close.
  await new Promise((resolve) => process.stdin.once('end', resolve).resume());
  await database.close();
} catch (error) {
  say(`refused ${error instanceof Error ? `${error.constructor.name}: ${error.message}` : String(error)}`);
  process.exitCode = 3;
}

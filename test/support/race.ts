/**
 * Two requests at once, in the one order that matters: the second connection holds what the request has to wait for.
 */
import type { PrismaDb } from '#outside/database.ts';
import type { Latchkey } from './latchkey.ts';

const WAITING = `
  SELECT 1 FROM pg_stat_activity
   WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()`;

/**
 * Begins `request` while a transaction holds `hold`, changes something in that transaction once the request waits (or
 * has been answered without waiting, which is the mistake that a test of it looks for), commits, and gives the answer.
 * PostgreSQL only: the embedded database has one connection.
 */
export async function overtaken<Answer>(
  latchkey: Latchkey,
  hold: (tx: PrismaDb) => Promise<unknown>,
  request: () => Promise<Answer>,
  change: (tx: PrismaDb) => Promise<unknown>,
): Promise<Answer> {
  const { prisma } = latchkey.app.parts.database;
  const under: { answer?: Promise<Answer> } = {};
  await prisma.$transaction(
    async (tx) => {
      await hold(tx);
      let isAnswered = false;
      under.answer = request().finally(() => {
        isAnswered = true;
      });
      // Read later; a request that fails early must not end the process.
      under.answer.catch(() => {});
      while (!isAnswered && (await prisma.$queryRawUnsafe<object[]>(WAITING)).length === 0)
        await new Promise((resolve) => setTimeout(resolve, 10));
      await change(tx);
    },
    { timeout: 20_000 },
  );
  if (under.answer === undefined) throw new Error('the request was never sent');
  return under.answer;
}

/** Holds the row of a user. */
export const holdUser = (id: string) => (tx: PrismaDb) =>
  tx.$queryRaw`SELECT 1 FROM users WHERE id = ${id}::uuid FOR UPDATE`;

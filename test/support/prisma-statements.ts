/** What Prisma sends to PostgreSQL, and what PostgreSQL makes of it. */
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '#generated/prisma/client.ts';
import type { Latchkey } from './latchkey.ts';

export type SentStatement = { text: string; values: unknown[] };

/** The statements that Prisma sends while the work is done. */
export async function watched<T>(
  { app, config }: Latchkey,
  work: () => Promise<T>,
): Promise<{ answer: T; statements: SentStatement[] }> {
  const { database } = app.parts;
  const { prisma: usual } = database;
  if (config.database.kind !== 'postgresql') throw new Error('this is about PostgreSQL');
  const adapter = new PrismaPg({ connectionString: config.database.url, options: '-c TimeZone=UTC' });
  const telling = new PrismaClient({ adapter, log: [{ emit: 'event', level: 'query' }] });
  const statements: SentStatement[] = [];
  telling.$on('query', ({ query, params }) => statements.push({ text: query, values: JSON.parse(params) }));
  database.prisma = telling as unknown as typeof usual;
  try {
    return { answer: await work(), statements };
  } finally {
    database.prisma = usual;
    await telling.$disconnect();
  }
}

/** How PostgreSQL carried the statement out. */
export async function planOf(
  { app }: Pick<Latchkey, 'app'>,
  text: string,
  values: readonly unknown[],
): Promise<{ plan: string; blocks: number }> {
  const filled = text.replaceAll(/\$(\d+)/g, (_, number) => `'${values[Number(number) - 1]}'`);
  const rows = await app.parts.database.prisma.$queryRawUnsafe<Record<string, string>[]>(
    `EXPLAIN (ANALYZE, BUFFERS) ${filled}`,
  );
  const plan = rows.map((row) => Object.values(row)[0]).join('\n');
  const blocks = [...(/Buffers: shared (.*)/.exec(plan)?.[1] ?? '').matchAll(/\d+/g)].map(Number);
  return { plan, blocks: blocks.reduce((sum, count) => sum + count, 0) };
}

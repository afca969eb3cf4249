/** Everything the database holds, every schema and table, as text: what someone would read in a stolen backup. */
import type { Latchkey } from './latchkey.ts';

export async function dump({ app }: Latchkey): Promise<string> {
  const { prisma } = app.parts.database;
  const tables = await prisma.$queryRaw<{ schema: string; name: string }[]>`
    SELECT relnamespace::regnamespace::text AS schema, relname::text AS name FROM pg_class
     WHERE relkind IN ('r', 'p') AND NOT relispartition
       AND relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')`;
  const rows = await Promise.all(
    tables.map((table) =>
      prisma.$queryRawUnsafe<{ row: string }[]>(`SELECT t::text AS row FROM "${table.schema}"."${table.name}" t`),
    ),
  );
  return rows
    .flat()
    .map(({ row }) => row)
    .join('\n');
}

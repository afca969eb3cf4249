/**
 * Reads and writes tables as JSON rows, which PostgreSQL itself writes and reads: no value has to fit into a type of
 * JavaScript, and a new column needs no code here.
 */
import { OperatorError } from '#errors/operator-error.ts';
import type { PrismaDb } from '../database.ts';

/** A table, qualified and quoted, with the condition on the rows that are copied. */
export type CopiedTable = { name: string; condition: string };

/** Rows of one statement. */
const BATCH = 500;
/** A database with rows in these is in use. The first start writes to other tables, whose rows are replaced. */
const USED_IF_NOT_EMPTY = ['users', 'organizations', 'audit_events'];

/** Every table of Latchkey, and the jobs of `queues` that are not done. */
export async function tablesToCopy(db: PrismaDb, queues: readonly string[]): Promise<CopiedTable[]> {
  const tables = await db.$queryRaw<{ name: string }[]>`
    SELECT quote_ident(c.relname) AS name FROM pg_class c
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND c.relname <> '_prisma_migrations'
     ORDER BY c.relname`;
  const names = queues.map((queue) => `'${queue}'`).join(', ');
  return [
    ...tables.map(({ name }) => ({ name: `public.${name}`, condition: 'true' })),
    { name: 'pgboss.job', condition: `name IN (${names}) AND state < 'completed'` },
  ];
}

export async function countRows(db: PrismaDb, { name, condition }: CopiedTable): Promise<number> {
  const [row] = await db.$queryRawUnsafe<{ count: number }[]>(
    `SELECT count(*)::int AS count FROM ${name} WHERE ${condition}`,
  );
  return row?.count ?? 0;
}

/** The rows as JSON texts without line breaks, in batches. Call it in a transaction. */
export async function* readRows(db: PrismaDb, { name, condition }: CopiedTable): AsyncGenerator<string[]> {
  await db.$executeRawUnsafe(
    `DECLARE copied_rows NO SCROLL CURSOR FOR SELECT row_to_json(t)::text AS row FROM ${name} t WHERE ${condition}`,
  );
  for (;;) {
    const rows = await db.$queryRawUnsafe<{ row: string }[]>(`FETCH ${BATCH} FROM copied_rows`);
    if (rows.length === 0) break;
    yield rows.map(({ row }) => row);
  }
  await db.$executeRawUnsafe('CLOSE copied_rows');
}

/** Inserts rows as `readRows` yields them. Returns how many. */
export async function writeRows(db: PrismaDb, { name }: CopiedTable, rows: readonly string[]): Promise<number> {
  return db.$executeRawUnsafe(
    `INSERT INTO ${name} SELECT * FROM json_populate_recordset(NULL::${name}, $1::json)`,
    `[${rows.join(',')}]`,
  );
}

/**
 * Empties the tables, which may only hold what a first start writes. Fails with OperatorError if there is an account,
 * an organization, or an event.
 */
export async function clearUnused(db: PrismaDb, tables: readonly CopiedTable[]): Promise<void> {
  for (const table of USED_IF_NOT_EMPTY) {
    if ((await countRows(db, { name: `public.${table}`, condition: 'true' })) > 0) {
      throw new OperatorError(`The database is in use: ${table} is not empty. Nothing was changed.`);
    }
  }
  for (const { name, condition } of tables) {
    if (!USED_IF_NOT_EMPTY.includes(name.replace('public.', ''))) {
      await db.$executeRawUnsafe(`DELETE FROM ${name} WHERE ${condition}`);
    }
  }
}

/**
 * Runs `work` without foreign keys, so that the order of tables does not matter, and then checks all of them at once.
 * Only the owner of the tables may do so. Call it in a transaction.
 */
export async function withoutForeignKeys(db: PrismaDb, work: () => Promise<void>): Promise<void> {
  const keys = await db.$queryRaw<{ table: string; name: string; definition: string }[]>`
    SELECT conrelid::regclass::text AS table, quote_ident(conname) AS name, pg_get_constraintdef(oid) AS definition
      FROM pg_constraint
     WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND conparentid = 0 ORDER BY conname`;
  for (const { table, name } of keys) await db.$executeRawUnsafe(`ALTER TABLE ${table} DROP CONSTRAINT ${name}`);
  await work();
  for (const { table, name, definition } of keys) {
    await db.$executeRawUnsafe(`ALTER TABLE ${table} ADD CONSTRAINT ${name} ${definition}`);
  }
}

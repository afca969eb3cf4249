/** Counts what a request has done: passwords hashed, statements sent to PostgreSQL, and rows written. */
import { AsyncLocalStorage } from 'node:async_hooks';
import pg from 'pg';
import type { Latchkey } from './latchkey.ts';

export type Work = {
  hashes: number;
  statements: string[];
  /** Each row that was written, also by what was rolled back: `INSERT challenges`. Sorted; needs `watchWrites`. */
  writes: string[];
};

const requests = new AsyncLocalStorage<Work>();
/** Whose statement a connection runs. It has one at a time. */
const running = new WeakMap<pg.Client, Work | undefined>();
const { query } = pg.Client.prototype;

pg.Client.prototype.query = function counted(this: pg.Client, ...parameters: unknown[]) {
  if (!running.has(this)) this.on('notice', ({ message = '' }) => noteWrite(running.get(this), message));
  // Background work (mail, jobs) runs outside of any request that is counted.
  const work = requests.getStore();
  running.set(this, work);
  const [statement] = parameters;
  const text = typeof statement === 'string' ? statement : (statement as { text?: string })?.text;
  work?.statements.push(kindOf(text ?? ''));
  return Reflect.apply(query, this, parameters);
} as typeof query;

const NOTICE = 'wrote: ';

function noteWrite(work: Work | undefined, message: string): void {
  if (message.startsWith(NOTICE)) work?.writes.push(message.slice(NOTICE.length));
}

/** Has every table of this database tell of each row that is written. */
export async function watchWrites({ app }: Pick<Latchkey, 'app'>): Promise<void> {
  const { prisma } = app.parts.database;
  await prisma.$executeRawUnsafe(`
    CREATE FUNCTION tell_write() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE NOTICE '${NOTICE}% %', TG_OP, TG_ARGV[0]; RETURN NULL; END $$`);
  const tables = await prisma.$queryRaw<{ name: string; table: string }[]>`
    SELECT c.relname AS name, format('%I.%I', n.nspname, c.relname) AS table
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname IN ('public', 'pgboss') AND c.relkind IN ('r', 'p') AND NOT c.relispartition`;
  for (const { name, table } of tables) {
    await prisma.$executeRawUnsafe(
      `CREATE TRIGGER tell_write AFTER INSERT OR UPDATE OR DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION tell_write('${name}')`,
    );
  }
}

/** What `request` costs the service. Its database has to be PostgreSQL, and nothing else may hash meanwhile. */
export async function workOf(latchkey: Pick<Latchkey, 'app'>, request: () => Promise<unknown>): Promise<Work> {
  const { runs } = latchkey.app.parts.passwordHasher;
  const before = runs();
  const work: Work = { hashes: 0, statements: [], writes: [] };
  await requests.run(work, request);
  work.hashes = runs() - before;
  work.writes.sort();
  return work;
}

/** How much it is. Budgets that were drawn on before have a row already; the new ones cost about the same. */
export function amountOf({ hashes, statements, writes }: Work): Record<string, number> {
  const inserted = writes.filter((write) => write.startsWith('INSERT') && !write.endsWith('throttles'));
  return { hashes, statements: statements.length, rows: writes.length, newRows: inserted.length };
}

/**
 * The same, told apart: how many of each kind of statement, and rows of each table. Other tables and columns take
 * another time. Whether a part was kept or taken back does not count.
 */
export function kindsOf({ hashes, statements, writes }: Work): Record<string, unknown> {
  const isBudget = (write: string) => write.endsWith(' throttles');
  return {
    hashes,
    statements: counted(statements.map((kind) => kind.replace(/^RELEASE$/, 'ROLLBACK'))),
    rows: counted(writes.map((write) => (isBudget(write) ? 'throttles' : write))),
  };
}

function counted(kinds: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** The verb and the first table: `INSERT challenges`. */
function kindOf(text: string): string {
  const [, verb = ''] = /^\s*(?:WITH\b[\s\S]*?\)\s*(?=INSERT|UPDATE|DELETE|SELECT))?\s*(\w+)/i.exec(text) ?? [];
  const [, table = ''] = /(?:FROM|INTO|UPDATE)\s+(?:"?\w+"?\.)?"?(\w+)"?/i.exec(text) ?? [];
  return `${verb.toUpperCase()} ${table}`.trim();
}

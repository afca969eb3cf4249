/** Counts what a request has done: passwords hashed, and statements sent to PostgreSQL. */
import { AsyncLocalStorage } from 'node:async_hooks';
import pg from 'pg';
import type { Latchkey } from './latchkey.ts';

export type Work = { hashes: number; statements: string[] };

const requests = new AsyncLocalStorage<string[]>();
const { query } = pg.Client.prototype;

pg.Client.prototype.query = function counted(this: pg.Client, ...parameters: unknown[]) {
  const [statement] = parameters;
  const text = typeof statement === 'string' ? statement : (statement as { text?: string })?.text;
  // Background work (mail, jobs) runs outside of any request that is counted.
  requests.getStore()?.push(kindOf(text ?? ''));
  return Reflect.apply(query, this, parameters);
} as typeof query;

/** What `request` costs the service. Its database has to be PostgreSQL, and nothing else may hash meanwhile. */
export async function workOf(latchkey: Pick<Latchkey, 'app'>, request: () => Promise<unknown>): Promise<Work> {
  const { runs } = latchkey.app.parts.passwordHasher;
  const before = runs();
  const statements: string[] = [];
  await requests.run(statements, request);
  return { hashes: runs() - before, statements };
}

/** The verb and the first table: `INSERT challenges`. */
function kindOf(text: string): string {
  const [, verb = ''] = /^\s*(?:WITH\b[\s\S]*?\)\s*(?=INSERT|UPDATE|DELETE|SELECT))?\s*(\w+)/i.exec(text) ?? [];
  const [, table = ''] = /(?:FROM|INTO|UPDATE)\s+(?:"?\w+"?\.)?"?(\w+)"?/i.exec(text) ?? [];
  return `${verb.toUpperCase()} ${table}`.trim();
}

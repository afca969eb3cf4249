/**
 * What can be asked for by its id alone, by Relay (`node`) and by gateways (`_entities`, federation.ts). The face of
 * each type says how its rows are found, many at a time, and only those that the viewer may see.
 *
 * Declares no type: it is loaded before schema.ts, which says in which order they come.
 */
import { GraphQLError } from 'graphql';
import type { Ctx } from '#core/context.ts';

/** For each id, in order: the row, or null for one that does not exist or that the viewer may not see. */
type FindRows = (ctx: Ctx, ids: readonly string[]) => Promise<readonly (Row | null)[]>;
type Row = { id: string };

/** An entity as a gateway names it (Apollo Federation, "Entities"). Nothing of it can be trusted. */
export type Representation = { __typename?: unknown; id?: unknown } | null;

const finders = new Map<string, FindRows>();
/** Rows do not say what they are. */
const typenames = new WeakMap<object, string>();

/** Makes the rows of a type findable by their id. `find` must not tell a row that does not exist from a hidden one. */
export function findableById(typename: string, find: FindRows): void {
  finders.set(typename, find);
}

/** The names of the types that are. */
export function findableTypes(): string[] {
  return [...finders.keys()];
}

export function typenameOf(row: object): string | undefined {
  return typenames.get(row);
}

/** The object with this id, of whatever type; null for one that does not exist or that the viewer may not see. */
export async function findNode(ctx: Ctx, id: string): Promise<{ id: string } | null> {
  for (const typename of finders.keys()) {
    const [row] = await rowsOf(ctx, typename, [id]);
    if (row) return row;
  }
  return null;
}

/** The row of each representation, in order, with one query a type; an error in the place of each that failed. */
export async function findEntities(
  ctx: Ctx,
  representations: readonly Representation[],
): Promise<(Row | Error | null)[]> {
  const found: (Row | Error | null)[] = representations.map(() => notAnEntity());
  const places = representations.flatMap((representation, at) => {
    const { __typename: typename, id } = representation ?? {};
    return typeof typename === 'string' && finders.has(typename) && typeof id === 'string'
      ? [{ typename, id, at }]
      : [];
  });
  const work = [...Map.groupBy(places, ({ typename }) => typename)].map(async ([typename, ofType]) => {
    const ids = [...new Set(ofType.map(({ id }) => id))];
    const rows = await rowsOf(ctx, typename, ids).catch((error: Error) => ids.map(() => error));
    const byId = new Map(ids.map((id, at) => [id, rows[at] ?? null]));
    for (const { id, at } of ofType) found[at] = byId.get(id) ?? null;
  });
  await Promise.all(work);
  return found;
}

async function rowsOf(ctx: Ctx, typename: string, ids: readonly string[]): Promise<readonly (Row | null)[]> {
  const rows = (await finders.get(typename)?.(ctx, ids)) ?? [];
  for (const row of rows) if (row !== null) typenames.set(row, typename);
  return rows;
}

function notAnEntity(): GraphQLError {
  // Without a status of its own: the other entities are answered.
  const extensions = { code: 'BAD_USER_INPUT' };
  return new GraphQLError('A representation needs the __typename of an entity and its id.', { extensions });
}

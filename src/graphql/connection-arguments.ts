/**
 * Checks the arguments of every connection (`first`, `last`, `after`, `before`) before anything is planned or read: a
 * Pothos plugin, so that no connection can forget it. Pothos itself silently cuts a page that is too long, and what it
 * throws for other arguments would count as an error of the service.
 *
 * How a connection is written (see the sessions capability):
 * - the face declares it: `t.relatedConnection` on a `prismaObject`, `t.prismaConnection` elsewhere, with
 *   `cursor: 'id'` and names of its own for connection and edge;
 * - *which* rows the viewer may see is the `where` that a function of the capability gives, never written inline;
 * - the order ends with `id` and is that of an index (`createdAt desc, id desc`), so that a page is a walk along it;
 * - `totalCount` only where a client needs it: it counts every row.
 */
import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';
import { parsePrismaCursor } from '@pothos/plugin-prisma';
import { GraphQLError } from 'graphql';
import { validate as isUuid } from 'uuid';

/** Rows of a page when neither `first` nor `last` is given. */
export const DEFAULT_PAGE = 20;
export const MAX_PAGE = 100;
/** As they are shown, behind the filters of a list. */
const PAGE_ARGUMENTS = ['first', 'after', 'last', 'before'];

declare global {
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      connectionArguments: ConnectionArgumentsPlugin<Types>;
    }
  }
}

type Arguments = { first?: unknown; last?: unknown; after?: unknown; before?: unknown };

class ConnectionArgumentsPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override onOutputFieldConfig(field: PothosOutputFieldConfig<Types>): PothosOutputFieldConfig<Types> {
    if (!PAGE_ARGUMENTS.every((name) => name in field.args)) return field;
    const check = (args: Record<string, unknown>) => {
      checkArguments(args);
      return args;
    };
    const place = ([name]: [string, unknown]) => PAGE_ARGUMENTS.indexOf(name);
    const args = Object.fromEntries(Object.entries(field.args).sort((a, b) => place(a) - place(b)));
    return { ...field, args, argMappers: [check, ...field.argMappers] };
  }
}

SchemaBuilder.registerPlugin('connectionArguments', ConnectionArgumentsPlugin);

function checkArguments({ first, last, after, before }: Arguments): void {
  for (const [name, size] of Object.entries({ first, last })) {
    if (typeof size === 'number' && (size < 0 || size > MAX_PAGE)) refuse(`\`${name}\` must be from 0 to ${MAX_PAGE}.`);
  }
  const pairs = { first, last, after, before };
  for (const [one, other] of [
    ['first', 'last'],
    ['after', 'before'],
    ['first', 'before'],
    ['after', 'last'],
  ] as const) {
    if (pairs[one] != null && pairs[other] != null) refuse(`\`${one}\` and \`${other}\` cannot be combined.`);
  }
  for (const [name, cursor] of Object.entries({ after, before })) {
    if (cursor != null && !isCursor(cursor)) refuse(`\`${name}\` is not a valid cursor.`);
  }
}

/** Our cursors hold the id of a row: anything else would reach the database as something that is not an id. */
function isCursor(cursor: unknown): boolean {
  try {
    const id = parsePrismaCursor(cursor);
    return typeof id === 'string' && isUuid(id);
  } catch {
    return false;
  }
}

function refuse(message: string): never {
  throw new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' } });
}

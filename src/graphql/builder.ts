/** The Pothos builder: which plugins, which scalars, which defaults. It defines no types of its own. */
import SchemaBuilder from '@pothos/core';
import ErrorsPlugin from '@pothos/plugin-errors';
import PrismaPlugin from '@pothos/plugin-prisma';
import type { Ctx } from '#core/context.ts';
import type PrismaTypes from '#generated/pothos-types.ts';
import { getDatamodel } from '#generated/pothos-types.ts';
import './access.ts';

type GraphqlTypes = {
  Context: Ctx;
  PrismaTypes: PrismaTypes;
  DefaultFieldNullability: false;
  DefaultInputFieldRequiredness: true;
  Scalars: {
    DateTime: { Input: Date; Output: Date };
    JSON: { Input: never; Output: object };
    ID: { Input: string; Output: string };
  };
};

export const builder = new SchemaBuilder<GraphqlTypes>({
  // Access before all: who may not ask is refused before anything else happens.
  // Errors before Prisma: an error a resolver throws becomes a union member whatever kind of field it is.
  plugins: ['access', ErrorsPlugin, PrismaPlugin],
  defaultFieldNullability: false,
  defaultInputFieldRequiredness: true,
  prisma: { client: (ctx) => ctx.database.prisma, dmmf: getDatamodel(), onUnusedQuery: null },
});

/** The types of this builder, with Pothos' defaults filled in. */
export type BuilderTypes = typeof builder extends PothosSchemaTypes.SchemaBuilder<infer Types> ? Types : never;

builder.scalarType('DateTime', {
  description: 'A moment in ISO 8601, UTC, with milliseconds: `2026-11-21T09:30:00.000Z`.',
  serialize: (value) => value.toISOString(),
  parseValue: (value) => {
    const time = new Date(typeof value === 'string' ? value : Number.NaN);
    if (Number.isNaN(time.getTime())) throw new TypeError('DateTime must be an ISO 8601 string.');
    return time;
  },
});

builder.scalarType('JSON', {
  description: 'A JSON document (RFC 8259), for what is to be kept or handed on as a whole; nothing takes one.',
  serialize: (value) => value,
  parseValue: () => {
    throw new TypeError('JSON is no input.');
  },
});

builder.queryType({ description: 'Reading. Nothing here changes anything.' });
builder.mutationType({
  description:
    'Changing. Every mutation answers with a union: a success, or an expected failure that implements `UserError`. ' +
    'An operation may hold one mutation that takes a password, code or token.',
});

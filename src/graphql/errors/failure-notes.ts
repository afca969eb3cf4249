/** Tells the request of every failure of a query or mutation, before it becomes a member of a union or is masked. */
import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';
import type { GraphQLFieldResolver } from 'graphql';
import type { Ctx } from '#core/context.ts';

class FailureNotesPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override wrapResolve(
    resolve: GraphQLFieldResolver<unknown, Types['Context'], object>,
    { parentType }: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> {
    if (parentType !== 'Query' && parentType !== 'Mutation') return resolve;
    return async (parent, args, ctx, info) => {
      try {
        return await resolve(parent, args, ctx, info);
      } catch (error) {
        await (ctx as Ctx).noteFailure(error);
        throw error;
      }
    };
  }
}

declare global {
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      failureNotes: FailureNotesPlugin<Types>;
    }
  }
}

SchemaBuilder.registerPlugin('failureNotes', FailureNotesPlugin);

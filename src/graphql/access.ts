/**
 * Who may ask for a field of Query or Mutation. Every one has to say so (`access: 'viewer'`), or the schema does not
 * build; the rule runs before the resolver and is the last line of the field's description. A use case asks again for
 * what it needs, because it has other faces too.
 */
import SchemaBuilder, {
  BasePlugin,
  type FieldNullability,
  type InputFieldMap,
  type PothosOutputFieldConfig,
  type SchemaTypes,
  type TypeParam,
} from '@pothos/core';
import type { GraphQLFieldResolver } from 'graphql';
import { ADMIN_ROLE } from '#config.ts';
import type { Ctx } from '#core/context.ts';
import { ALL_PERMISSIONS, type Permission } from '#core/permissions.ts';
import { ForbiddenError, UnauthenticatedError } from '#errors.ts';

type Rule = { description: string; check: ((ctx: Ctx) => Promise<unknown>) | null };

/** Every rule there is. What depends on the object that is asked for (an organisation, say) is the use case's to decide. */
const ACCESS = {
  anybody: { description: 'anybody; an access token that is no longer good does no harm.', check: null },
  optionalViewer: {
    description:
      'anybody; null without an access token, UNAUTHENTICATED with one that is wrong, expired or of an ended session.',
    check: (ctx) => ctx.viewer(),
  },
  viewer: { description: 'whoever is signed in; else UNAUTHENTICATED.', check: requireViewer },
  admin: {
    description: 'the platform role `admin`; else UNAUTHENTICATED or FORBIDDEN.',
    check: async (ctx) => {
      if ((await requireViewer(ctx)).user.role !== ADMIN_ROLE) throw new ForbiddenError();
    },
  },
} as const satisfies Record<string, Rule>;

/** A permission is a rule as well: it has to be had in the organisation that is acted in, which the use case decides. */
export type Access = keyof typeof ACCESS | Permission;

const isPermission = (access: Access): access is Permission => ALL_PERMISSIONS.some((name) => name === access);

async function requireViewer(ctx: Ctx) {
  const viewer = await ctx.viewer();
  if (viewer === null) throw new UnauthenticatedError('TOKEN_MISSING');
  return viewer;
}

/** Tells the rule in the description, keeps its name in the extensions of the field, and asks it before the resolver. */
class AccessPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override onOutputFieldConfig(field: PothosOutputFieldConfig<Types>): PothosOutputFieldConfig<Types> {
    const rule = ruleOf(field);
    if (rule === null) return field;
    const description = `${field.description ?? ''} Access: ${rule.description}`.trim();
    return { ...field, description, extensions: { ...field.extensions, access: accessOf(field) } };
  }

  override wrapResolve(
    resolve: GraphQLFieldResolver<unknown, Types['Context'], object>,
    field: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> {
    const check = ruleOf(field)?.check ?? null;
    if (check === null) return resolve;
    return async (parent, args, ctx, info) => {
      await check(ctx as Ctx);
      return resolve(parent, args, ctx, info);
    };
  }
}

function accessOf<Types extends SchemaTypes>(field: PothosOutputFieldConfig<Types>): Access | undefined {
  return (field.pothosOptions as { access?: Access }).access;
}

/** What a rule says and asks. */
export function accessRule(access: Access): Rule {
  if (!isPermission(access)) return ACCESS[access];
  const description = `the permission \`${access}\` in the organisation; else UNAUTHENTICATED or FORBIDDEN.`;
  return { description, check: requireViewer };
}

function ruleOf<Types extends SchemaTypes>(field: PothosOutputFieldConfig<Types>): Rule | null {
  if (field.parentType !== 'Query' && field.parentType !== 'Mutation') return null;
  const access = accessOf(field);
  if (access === undefined) throw new TypeError(`${field.parentType}.${field.name} does not say who may ask: access.`);
  return accessRule(access);
}

declare global {
  namespace PothosSchemaTypes {
    interface Plugins<Types extends SchemaTypes> {
      access: AccessPlugin<Types>;
    }
    interface QueryFieldOptions<
      Types extends SchemaTypes,
      Type extends TypeParam<Types>,
      Nullable extends FieldNullability<Type>,
      Args extends InputFieldMap,
      ResolveReturnShape,
    > {
      /** Who may ask. */
      access: Access;
    }
    interface MutationFieldOptions<
      Types extends SchemaTypes,
      Type extends TypeParam<Types>,
      Nullable extends FieldNullability<Type>,
      Args extends InputFieldMap,
      ResolveReturnShape,
    > {
      /** Who may ask. */
      access: Access;
    }
  }
}

SchemaBuilder.registerPlugin('access', AccessPlugin);

/**
 * What a field declares about access: who may ask for it, whether the sign-in has to be recent, and whether it takes a
 * credential. Every field of Query and Mutation has to say who may ask (`access: 'viewer'`), and every one that leads
 * from a row of the database to other rows, or the schema does not build; all others belong to what they stand on. The
 * rule runs before the resolver and is the last line of the field's description. A use case asks again for what it
 * needs, because it has other faces too.
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
import type { Ctx } from '#core/context.ts';
import { spendWrite } from '#core/limits/write-budget.ts';
import { ALL_PERMISSIONS, type Permission } from '#core/organizations/permissions.ts';
import { requireAdminRole } from '#core/sessions/second-factor-policy.ts';
import { UnauthenticatedError } from '#errors/refused-errors.ts';

type Rule = { description: string; check: ((ctx: Ctx) => Promise<unknown>) | null };

/**
 * Every rule there is. What depends on the object that is asked for (an organization, say) is the use case's to decide.
 */
const ACCESS = {
  anyone: { description: 'anyone; an expired or invalid access token is ignored.', check: null },
  optionalViewer: {
    description:
      'anyone; null without an access token, UNAUTHENTICATED with one that is invalid, expired or of an ended session.',
    check: (ctx) => ctx.viewer(),
  },
  viewer: { description: 'anyone who is signed in; otherwise UNAUTHENTICATED.', check: requireViewer },
  admin: {
    description: 'the platform role `admin`; otherwise UNAUTHENTICATED or FORBIDDEN.',
    check: async (ctx) => requireAdminRole(ctx.config, await requireViewer(ctx)),
  },
  self: { description: 'the account owner and the platform role `admin`.', check: null },
  holder: { description: 'anyone who can see this object.', check: null },
} as const satisfies Record<string, Rule>;

/**
 * What requires a recent sign-in (REAUTHENTICATION_WINDOW), as fields declare it: `recentSignIn: 'always'`. A field
 * that declares nothing works in a session of any age. Use cases enforce it, because other faces reach them too; the
 * test of recent sign-ins holds what each mutation does against what it declares.
 */
const RECENT_SIGN_IN = {
  always: 'required; otherwise ReauthenticationRequiredError.',
  strong: 'required, by the second factor where the account has one; otherwise ReauthenticationRequiredError.',
  factor:
    'required by the second factor where the account has one, and by any proof where no password is given; ' +
    'otherwise ReauthenticationRequiredError.',
  ownership:
    'required, by the second factor where the account has one, to make someone an owner or to end an ownership; ' +
    'otherwise ReauthenticationRequiredError.',
  identifiers: 'required to change the username or phone number; otherwise ReauthenticationRequiredError.',
} as const;

export type RecentSignIn = keyof typeof RECENT_SIGN_IN;

/**
 * A permission is a rule as well: it has to be had in the organization that is acted in, which the use case decides.
 */
export type Access = keyof typeof ACCESS | Permission;

const isPermission = (access: Access): access is Permission => ALL_PERMISSIONS.some((name) => name === access);

async function requireViewer(ctx: Ctx) {
  const viewer = await ctx.viewer();
  if (viewer === null) throw new UnauthenticatedError('TOKEN_MISSING');
  return viewer;
}

/**
 * Tells the rule in the description, keeps its name in the extensions of the field, and asks it before the resolver.
 */
class AccessPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override onOutputFieldConfig(field: PothosOutputFieldConfig<Types>): PothosOutputFieldConfig<Types> {
    const rule = ruleOf(field);
    if (rule === null) {
      if (this.needsRule(field)) {
        throw new TypeError(`${field.parentType}.${field.name} does not say who may ask: access.`);
      }
      return field;
    }
    const { access, recentSignIn, takesCredential, protectsAccount } = declarationsOf(field);
    const description = [
      field.description,
      `Access: ${rule.description}`,
      recentSignIn && `Recent sign-in: ${RECENT_SIGN_IN[recentSignIn]}`,
    ];
    return {
      ...field,
      description: description.filter(Boolean).join('\n\n'),
      extensions: { ...field.extensions, access, recentSignIn, takesCredential, protectsAccount },
    };
  }

  private needsRule({ parentType, type }: PothosOutputFieldConfig<Types>): boolean {
    if (parentType === 'Query' || parentType === 'Mutation') return true;
    const isRow = this.builder.configStore.getTypeConfig(parentType).extensions?.['pothosPrismaModel'] !== undefined;
    return isRow && (type.kind === 'List' ? type.type : type).kind === 'Object';
  }

  override wrapResolve(
    resolve: GraphQLFieldResolver<unknown, Types['Context'], object>,
    field: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> {
    const check = ruleOf(field)?.check ?? null;
    const { takesCredential = false, protectsAccount = false, changesNothing = false } = declarationsOf(field);
    const mayChange = field.parentType === 'Mutation' && !changesNothing;
    if (check === null && !mayChange) return resolve;
    const isCounted = field.parentType === 'Mutation' && check !== null && !takesCredential && !protectsAccount;
    return async (parent, args, context, info) => {
      const ctx = context as Ctx;
      try {
        if (mayChange) ctx.trail.hasChanged = true;
        await check?.(ctx);
        const viewer = isCounted ? await ctx.viewer() : null;
        if (viewer !== null) await spendWrite(ctx, viewer.user.id);
      } catch (error) {
        await ctx.noteFailure(error);
        throw error;
      }
      return resolve(parent, args, context, info);
    };
  }
}

type Declarations = {
  access?: Access;
  recentSignIn?: RecentSignIn;
  takesCredential?: boolean;
  protectsAccount?: boolean;
  changesNothing?: boolean;
};

function declarationsOf<Types extends SchemaTypes>(field: PothosOutputFieldConfig<Types>): Declarations {
  return field.pothosOptions as Declarations;
}

/** What a rule says and asks. */
export function accessRule(access: Access): Rule {
  if (!isPermission(access)) return ACCESS[access];
  const description = `the permission \`${access}\` in the organization; otherwise UNAUTHENTICATED or FORBIDDEN.`;
  return { description, check: requireViewer };
}

function ruleOf<Types extends SchemaTypes>(field: PothosOutputFieldConfig<Types>): Rule | null {
  const { access } = declarationsOf(field);
  return access === undefined ? null : accessRule(access);
}

declare global {
  namespace PothosSchemaTypes {
    interface Plugins<Types extends SchemaTypes> {
      access: AccessPlugin<Types>;
    }
    interface FieldOptions<
      Types extends SchemaTypes = SchemaTypes,
      ParentShape = unknown,
      Type extends TypeParam<Types> = TypeParam<Types>,
      Nullable extends FieldNullability<Type> = FieldNullability<Type>,
      Args extends InputFieldMap = InputFieldMap,
      ResolveShape = unknown,
      ResolveReturnShape = unknown,
    > {
      /** Who may ask; anyone who can see the object when absent, where it may be. */
      access?: Access;
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
      /** When the viewer must have signed in recently; never when absent. */
      recentSignIn?: RecentSignIn;
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
      /** When the viewer must have signed in recently; never when absent. */
      recentSignIn?: RecentSignIn;
      /**
       * Whether it takes a password, code or token. An operation may hold one such field, so that an alias is not a way
       * to make many guesses with one request (OWASP GraphQL Cheat Sheet, "Batching Attacks").
       */
      takesCredential?: boolean;
      /**
       * Whether it ends someone's access to the account. It is never refused because of what the account did before, or
       * a thief could keep the owner from it.
       */
      protectsAccount?: boolean;
      /**
       * Whether it changes nothing that it shows, so that it may be read late. After every other mutation, the request
       * reads from the primary.
       */
      changesNothing?: boolean;
    }
  }
}

SchemaBuilder.registerPlugin('access', AccessPlugin);

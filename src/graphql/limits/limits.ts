/**
 * What a document may cost, decided before graphql-js looks at it, because its own rules cost more: pure functions of
 * document and schema, each fragment visited once. Introspection is exempt from the depth limit, because GraphiQL's is
 * deep.
 */
import {
  type ASTVisitor,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValidationContext,
  validate,
} from 'graphql';
import { DEFAULT_PAGE, MAX_PAGE } from '#graphql/connection-arguments.ts';
import { exceedsComparisons } from './field-comparisons.ts';

const MAX_DEPTH = 10;
const MAX_ALIASES = 20;
const MAX_ROOT_FIELDS = 20;
/** Mutations run one after another: a document of many keeps a connection for long, and no client needs one. */
const MAX_MUTATIONS = 5;
const MAX_DIRECTIVES = 20;
/** Of a document: graphql-js compares each fragment with each other that is spread at the same place. */
const MAX_FRAGMENT_SPREADS = 50;
/** Fields, and pairs of fields with one response name: see field-comparisons.ts. GraphiQL's introspection needs 500. */
const MAX_COMPARISONS = 10_000;
/** Rows a document may ask for, pages within pages multiplied: a hundred in each of a hundred, but no level more. */
export const MAX_ROWS = 12_000;
/** What an operation may weigh. A mutation may have fewer root fields. */
export const LIMITS = {
  depth: MAX_DEPTH,
  aliases: MAX_ALIASES,
  directives: MAX_DIRECTIVES,
  rootFields: MAX_ROOT_FIELDS,
  rows: MAX_ROWS,
} as const;
/** Lexical tokens of a document, for `parse`; GraphiQL's introspection query has about 400. */
export const MAX_TOKENS = 2000;

type Weight = {
  depth: number;
  aliases: number;
  directives: number;
  rootFields: number;
  credentialMutations: number;
  rows: number;
  /** Whether this is what is selected of a connection. */
  isPage: boolean;
};

/**
 * What of a document is over a limit: depth, aliases, directives, fragments, root fields, rows, comparisons, and one
 * credential mutation an operation. If there is anything, no other rule may see the document.
 */
export function overLimits(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[] {
  return validate(schema, document, [documentLimits]);
}

function documentLimits(context: ValidationContext): ASTVisitor {
  const known = new Map<string, Weight>();
  let spreads = 0;
  return {
    FragmentSpread() {
      spreads += 1;
    },
    Document: {
      leave(document) {
        const complain = (message: string) => context.reportError(tooComplex(message));
        if (spreads > MAX_FRAGMENT_SPREADS) {
          complain(`The document has more than ${MAX_FRAGMENT_SPREADS} fragment spreads.`);
        }
        if (exceedsComparisons(document, MAX_COMPARISONS)) complain('The document repeats its fields too often.');
      },
    },
    OperationDefinition(operation) {
      // The schema has none; without this rule such an operation would be answered with neither data nor a code.
      if (operation.operation === 'subscription') {
        const extensions = { code: 'OPERATION_NOT_SUPPORTED' };
        context.reportError(new GraphQLError('Subscriptions are not supported.', { nodes: operation, extensions }));
      }
      const credentialFields = operation.operation === 'mutation' ? credentialFieldsOf(context) : new Set<string>();
      const weight = weigh({ context, credentialFields, known, open: new Set() }, operation.selectionSet);
      const complain = (message: string) => context.reportError(tooComplex(message, operation));
      if (weight.depth > MAX_DEPTH) complain(`The document is nested more than ${MAX_DEPTH} levels deep.`);
      if (weight.aliases > MAX_ALIASES) complain(`The document has more than ${MAX_ALIASES} aliases.`);
      if (weight.directives + (operation.directives?.length ?? 0) > MAX_DIRECTIVES) {
        complain(`The document has more than ${MAX_DIRECTIVES} directives.`);
      }
      if (weight.rootFields > MAX_ROOT_FIELDS) complain(`The document has more than ${MAX_ROOT_FIELDS} root fields.`);
      if (operation.operation === 'mutation' && weight.rootFields > MAX_MUTATIONS) {
        complain(`The document has more than ${MAX_MUTATIONS} mutations; send the others in further requests.`);
      }
      if (weight.rows > MAX_ROWS) complain(`The document asks for more than ${MAX_ROWS} rows; ask for smaller pages.`);
      if (weight.credentialMutations > 1) {
        context.reportError(
          new GraphQLError('An operation may hold one mutation that takes a password, code or token.', {
            nodes: operation,
            extensions: { code: 'TOO_MANY_OPERATIONS' },
          }),
        );
      }
    },
  };
}

/** The rows asked for with each entity of a field: the entity, and those of its lists. */
export function rowsPerEntity({ fieldNodes, fragments }: GraphQLResolveInfo): number {
  const context = { getFragment: (name: string) => fragments[name] };
  const walk: Walk = { context, credentialFields: new Set(), known: new Map(), open: new Set() };
  const weights = fieldNodes.flatMap(({ selectionSet }) => (selectionSet ? [weigh(walk, selectionSet)] : []));
  return 1 + weights.reduce(add, NOTHING).rows;
}

/** What an operation weighs of each of `LIMITS`. Its document has been found valid, or over a limit. */
export function weightOf(
  operation: OperationDefinitionNode,
  getFragment: ValidationContext['getFragment'],
): Record<keyof typeof LIMITS, number> {
  const walk: Walk = { context: { getFragment }, credentialFields: new Set(), known: new Map(), open: new Set() };
  const weight = weigh(walk, operation.selectionSet);
  return { ...weight, directives: weight.directives + (operation.directives?.length ?? 0) };
}

function tooComplex(message: string, operation?: OperationDefinitionNode): GraphQLError {
  return new GraphQLError(message, { nodes: operation ?? null, extensions: { code: 'QUERY_TOO_COMPLEX' } });
}

function credentialFieldsOf(context: ValidationContext): Set<string> {
  const fields = Object.values(context.getSchema().getMutationType()?.getFields() ?? {});
  return new Set(fields.filter((field) => field.extensions['takesCredential'] === true).map((field) => field.name));
}

type Walk = {
  context: Pick<ValidationContext, 'getFragment'>;
  credentialFields: ReadonlySet<string>;
  /** Fragments weighed already: without it a chain of fragments costs 2^n. */
  known: Map<string, Weight>;
  /** Fragments being weighed: a cycle is another rule's to report, here it must only end. */
  open: Set<FragmentDefinitionNode>;
};

const NOTHING: Weight = {
  depth: 0,
  aliases: 0,
  directives: 0,
  rootFields: 0,
  credentialMutations: 0,
  rows: 0,
  isPage: false,
};

function weigh(walk: Walk, set: SelectionSetNode): Weight {
  return set.selections.map((selection) => weighSelection(walk, selection)).reduce(add, NOTHING);
}

function weighSelection(walk: Walk, selection: SelectionNode): Weight {
  const own = { ...NOTHING, directives: selection.directives?.length ?? 0 };
  if (selection.kind === Kind.INLINE_FRAGMENT) return add(own, weigh(walk, selection.selectionSet));
  if (selection.kind === Kind.FRAGMENT_SPREAD) return add(own, weighFragment(walk, selection.name.value));
  const name = selection.name.value;
  const isIntrospection = name === '__schema' || name === '__type';
  const inner = selection.selectionSet ? weigh(walk, selection.selectionSet) : NOTHING;
  return {
    depth: isIntrospection ? 1 : inner.depth + 1,
    aliases: inner.aliases + (selection.alias ? 1 : 0),
    directives: inner.directives + own.directives,
    rootFields: 1,
    credentialMutations: walk.credentialFields.has(name) ? 1 : 0,
    rows: inner.isPage ? pageSize(selection) * (1 + inner.rows) : inner.rows,
    isPage: name === 'edges' || name === 'nodes',
  };
}

/** Rows a connection is asked for: the largest page where a variable says how many. */
function pageSize({ arguments: given = [] }: FieldNode): number {
  const size = given.find(({ name }) => name.value === 'first' || name.value === 'last')?.value;
  if (size === undefined) return DEFAULT_PAGE;
  return size.kind === Kind.INT ? Math.min(Math.max(Number(size.value), 1), MAX_PAGE) : MAX_PAGE;
}

function weighFragment(walk: Walk, name: string): Weight {
  const fragment = walk.context.getFragment(name);
  if (!fragment || walk.open.has(fragment)) return NOTHING;
  const known = walk.known.get(name);
  if (known !== undefined) return known;
  walk.open.add(fragment);
  const weight = weigh(walk, fragment.selectionSet);
  walk.open.delete(fragment);
  walk.known.set(name, weight);
  return weight;
}

function add(a: Weight, b: Weight): Weight {
  return {
    depth: Math.max(a.depth, b.depth),
    aliases: a.aliases + b.aliases,
    directives: a.directives + b.directives,
    rootFields: a.rootFields + b.rootFields,
    credentialMutations: a.credentialMutations + b.credentialMutations,
    rows: a.rows + b.rows,
    isPage: a.isPage || b.isPage,
  };
}

/**
 * Documents: parsed, and held against our limits and the rules of GraphQL. Those that are valid are kept, so that the
 * next request with the same text costs neither; those that were refused are not, as memory that anyone can fill.
 */
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
  visit,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Config } from '#config/config.ts';
import { placeOf, withoutValues } from '#graphql/errors/mask-error.ts';
import { withCost } from '#graphql/limits/cost.ts';
import { MAX_TOKENS, overLimits } from '#graphql/limits/limits.ts';

export type Documents = {
  /** Fails with a GraphQLError if the text is not a document. */
  parse: (text: string) => DocumentNode;
  /** Why a document may not run: for most, nothing. */
  problemsOf: (document: DocumentNode) => readonly GraphQLError[];
};

/** The bound on everything kept, in bytes of memory. */
const MAX_BYTES = 8_000_000;

/**
 * Memory of one token of a document, its share of the tree included, in bytes: measured, and rounded up. The text is in
 * the tree as well, two bytes a character at worst.
 */
const BYTES_A_TOKEN = 500;
const BYTES_A_CHARACTER = 2;

type Settings = Pick<Config, 'introspection' | 'tellsCost'>;

export function createDocuments(schema: GraphQLSchema, { introspection, tellsCost }: Settings): Documents {
  const valid = new LRUCache<string, DocumentNode>({ maxSize: MAX_BYTES, sizeCalculation: memoryOf });
  const rules = introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];

  function errorsOf(document: DocumentNode): readonly GraphQLError[] {
    const tooMuch = overLimits(schema, document);
    if (tooMuch.length === 0) return validate(schema, document, rules);
    return tellsCost ? tooMuch.map((error) => withCost(error, document)) : tooMuch;
  }

  return {
    parse: (text) => {
      const known = valid.get(text);
      if (known !== undefined) return known;
      try {
        return parse(text, { maxTokens: MAX_TOKENS });
      } catch (error) {
        throw error instanceof GraphQLError ? refusedAs('GRAPHQL_PARSE_FAILED', error) : error;
      }
    },
    problemsOf: (document) => {
      const text = document.loc?.source.body ?? '';
      if (valid.get(text) === document) return [];
      const errors = errorsOf(document);
      if (errors.length === 0 && !holdsText(document)) valid.set(text, document);
      return errors.map((error) =>
        refusedAs('GRAPHQL_VALIDATION_FAILED', withoutValues(error, { keepSuggestions: introspection })),
      );
    },
  };
}

/** With a code, unless it has one, and the status of a request that nothing was executed for. */
function refusedAs(code: string, error: GraphQLError): GraphQLError {
  const { http = {}, ...extensions } = error.extensions;
  return new GraphQLError(error.message, {
    ...placeOf(error),
    extensions: { code, ...extensions, http: { status: 400, spec: true, ...http } },
  });
}

/**
 * Whether a document has a string in it. Strings are data (passwords, codes, addresses), which belong in variables and
 * not in memory; and a client that writes them into documents sends no document twice.
 */
function holdsText(document: DocumentNode): boolean {
  let isFound = false;
  visit(document, {
    [Kind.STRING]: () => {
      isFound = true;
    },
  });
  return isFound;
}

function memoryOf({ loc }: DocumentNode): number {
  let tokens = 1;
  for (let token = loc?.startToken; token; token = token.next ?? undefined) tokens += 1;
  return tokens * BYTES_A_TOKEN + (loc?.source.body.length ?? 0) * BYTES_A_CHARACTER;
}

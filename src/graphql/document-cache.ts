/**
 * Documents that were parsed and found valid, so that the next request with the same text need not be. In place of
 * Yoga's caches, which hold a thousand texts of any size for an hour, those that were refused too: memory that anyone
 * can fill.
 */
import { type DocumentNode, Kind, visit } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { LRUCache } from 'lru-cache';

/** The bound on everything kept, in bytes of memory. */
const MAX_BYTES = 8_000_000;

/**
 * Memory of one token of a document, its share of the tree included, in bytes: measured, and rounded up. The text is in
 * the tree as well, two bytes a character at worst.
 */
const BYTES_A_TOKEN = 500;
const BYTES_A_CHARACTER = 2;

export function documentCache(): Plugin {
  const valid = new LRUCache<string, DocumentNode>({ maxSize: MAX_BYTES, sizeCalculation: memoryOf });
  return {
    onParse({ params, setParsedDocument }) {
      const known = valid.get(String(params.source));
      if (known !== undefined) setParsedDocument(known);
    },
    onValidate({ params: { documentAST }, setResult }) {
      const text = documentAST.loc?.source.body ?? '';
      if (valid.get(text) === documentAST) {
        setResult([]);
        return;
      }
      return ({ valid: isValid }) => {
        if (isValid && !holdsText(documentAST)) valid.set(text, documentAST);
      };
    },
  };
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

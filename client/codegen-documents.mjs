/** Writes each operation as one string, with the fragments it uses and without blanks: what the client sends. */
import { concatAST, Kind, print, stripIgnoredCharacters, visit } from 'graphql';

export function plugin(_schema, documents) {
  const lines = operationsOf(documents).map(({ name, kind, text }) => {
    return `export const ${name} = ${JSON.stringify(text)} as Document<${name}${kind}, ${name}${kind}Variables>;`;
  });
  return { prepend: ["import type { Document } from '../document.ts';"], content: lines.join('\n') };
}

export function operationsOf(documents) {
  const { definitions } = concatAST(documents.map(({ document }) => document));
  const fragments = new Map(
    definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION).map((each) => [each.name.value, each]),
  );
  const used = (definition, found = new Set()) => {
    visit(definition, {
      FragmentSpread({ name }) {
        const fragment = fragments.get(name.value);
        if (!found.has(fragment)) used(fragment, found.add(fragment));
      },
    });
    return [...found];
  };
  return definitions
    .filter(({ kind }) => kind === Kind.OPERATION_DEFINITION)
    .map((operation) => ({
      name: operation.name.value,
      kind: operation.operation === 'query' ? 'Query' : 'Mutation',
      text: stripIgnoredCharacters([operation, ...used(operation)].map(print).join('\n')),
    }));
}

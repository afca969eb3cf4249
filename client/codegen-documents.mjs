/** Writes each operation as one string, with the fragments it uses and without blanks: what the client sends. */
import { concatAST, Kind, print, stripIgnoredCharacters, visit } from 'graphql';

export function plugin(_schema, documents) {
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
  const lines = definitions
    .filter(({ kind }) => kind === Kind.OPERATION_DEFINITION)
    .map((operation) => {
      const name = operation.name.value;
      const kind = operation.operation === 'query' ? 'Query' : 'Mutation';
      const text = stripIgnoredCharacters([operation, ...used(operation)].map(print).join('\n'));
      return `export const ${name} = ${JSON.stringify(text)} as Document<${name}${kind}, ${name}${kind}Variables>;`;
    });
  return { prepend: ["import type { Document } from '../document.ts';"], content: lines.join('\n') };
}

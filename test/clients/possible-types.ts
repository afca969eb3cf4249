/** What a client's cache must know to tell the members of unions and of `UserError` apart. */
import { readFileSync } from 'node:fs';
import { buildSchema, isAbstractType } from 'graphql';

/** From `schema.graphql`; programs of your own can use the `fragment-matcher` plugin of GraphQL Code Generator. */
export function possibleTypesOf(schemaFile: string): Record<string, string[]> {
  const schema = buildSchema(readFileSync(schemaFile, 'utf8'));
  const abstract = Object.values(schema.getTypeMap()).filter(isAbstractType);
  return Object.fromEntries(abstract.map((type) => [type.name, schema.getPossibleTypes(type).map(({ name }) => name)]));
}

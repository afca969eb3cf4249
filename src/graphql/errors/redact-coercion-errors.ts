/**
 * Coercion errors of graphql-js quote the variables they complain about, and variables hold passwords. This rewrites
 * them to name the place only: `Invalid value at "input.email".`
 */
import {
  coerceInputValue,
  type ExecutionArgs,
  GraphQLError,
  isInputType,
  Kind,
  type NamedTypeNode,
  typeFromAST,
} from 'graphql';

type Execution = Pick<ExecutionArgs, 'schema' | 'document' | 'operationName' | 'variableValues'>;

/** Whether graphql-js made this error from a variable. */
export function isCoercionError(error: GraphQLError): boolean {
  return error.path === undefined && error.extensions['code'] === undefined && /^Variable "\$/.test(error.message);
}

/** The same complaints, one for each place, without any value. */
export function redactedCoercionErrors({ schema, document, operationName, variableValues }: Execution): GraphQLError[] {
  const operation = document.definitions.find(
    (definition) =>
      definition.kind === Kind.OPERATION_DEFINITION &&
      (operationName == null || definition.name?.value === operationName),
  );
  const places = new Set<string>();
  if (operation?.kind === Kind.OPERATION_DEFINITION) {
    for (const definition of operation.variableDefinitions ?? []) {
      const name = definition.variable.name.value;
      const type = typeFromAST(schema, definition.type as NamedTypeNode);
      const value = variableValues?.[name];
      if (value === undefined && definition.defaultValue !== undefined) continue;
      if (isInputType(type)) coerceInputValue(value, type, (path) => places.add([name, ...path].join('.')));
    }
  }
  const messages = [...places].map((place) => `Invalid value at "${place}".`);
  return (messages.length > 0 ? messages : ['Invalid variables.']).map(
    (message) =>
      new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT', http: { status: 400, spec: true } } }),
  );
}

/** Writes an operation for any root field of the schema, so that a field someone adds later is tested as well. */
import {
  astFromValue,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedInputType,
  type GraphQLOutputType,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isUnionType,
  print,
} from 'graphql';

export type RootField = { kind: 'query' | 'mutation'; field: GraphQLField<unknown, unknown> };

/** Where an input takes an id: names from the argument down. */
export type IdPath = readonly string[];

/** Every place of a field's arguments that takes an id. */
export function idPathsOf(field: GraphQLField<unknown, unknown>): IdPath[] {
  return pathsOf(field, ({ name }) => name === 'ID');
}

/**
 * Every place of a field's arguments that takes a text: ids, cursors, names of enum values, and times are sent as one.
 */
export function textPathsOf(field: GraphQLField<unknown, unknown>): IdPath[] {
  return pathsOf(field, (type) => isLeafType(type) && !['Int', 'Float', 'Boolean'].includes(type.name));
}

function pathsOf(field: GraphQLField<unknown, unknown>, isMeant: (type: GraphQLNamedInputType) => boolean): IdPath[] {
  const within = (type: GraphQLInputType, path: IdPath): IdPath[] => {
    const named = getNamedType(type);
    if (isMeant(named)) return [path];
    if (!isInputObjectType(named)) return [];
    return Object.values(named.getFields()).flatMap((each) => within(each.type, [...path, each.name]));
  };
  return field.args.flatMap((arg) => within(arg.type, [arg.name]));
}

/** The text of an operation that asks the field for all that can be asked without arguments, some levels deep. */
export function operationOf({ kind, field }: RootField, depth = 4): string {
  const { variables, given } = variablesIn(field);
  const head = variables === '' ? kind : `${kind}(${variables})`;
  return `${head} { ${field.name}${given === '' ? '' : `(${given})`} ${selectionOf(field.type, depth)} }`;
}

/** The arguments of a field as variables: how an operation declares them, and how the field takes them. */
export function variablesIn({ args }: GraphQLField<unknown, unknown>): { variables: string; given: string } {
  const declared = args.map(({ name, type, defaultValue }) => {
    const value = defaultValue === undefined ? undefined : astFromValue(defaultValue, type);
    return `$${name}: ${type}${value ? ` = ${print(value)}` : ''}`;
  });
  return { variables: declared.join(', '), given: args.map(({ name }) => `${name}: $${name}`).join(', ') };
}

/**
 * Variables for the field: what `valueFor` says for a place, and something plausible where that is undefined and
 * needed.
 */
export function variablesOf(
  field: GraphQLField<unknown, unknown>,
  valueFor: (path: IdPath) => unknown,
): Record<string, unknown> {
  const make = (type: GraphQLInputType, path: IdPath, isRequired: boolean): unknown => {
    const own = valueFor(path);
    if (own !== undefined) return own;
    const bare = getNullableType(type);
    const named = getNamedType(type);
    if (isInputObjectType(named) && !isListType(bare)) {
      const fields = Object.values(named.getFields()).map((each) => [
        each.name,
        make(each.type, [...path, each.name], isRequiredInputField(each)),
      ]);
      return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
    }
    if (!isRequired) return undefined;
    if (isListType(bare)) return [];
    if (isEnumType(named)) return named.getValues().at(-1)?.name;
    if (named.name === 'Boolean') return true;
    return named.name === 'Int' ? 1 : `some ${path.at(-1)}`;
  };
  const values = field.args.map((arg) => [arg.name, make(arg.type, [arg.name], isRequiredArgument(arg))]);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

function selectionOf(type: GraphQLOutputType, depth: number): string {
  const named = getNamedType(type);
  if (isLeafType(named)) return '';
  if (isUnionType(named)) {
    const members = named.getTypes().map((each) => `... on ${each.name} ${fieldsOf(each, depth)}`);
    return `{ __typename ${members.join(' ')} }`;
  }
  return isObjectType(named) || isInterfaceType(named) ? fieldsOf(named, depth) : '';
}

function fieldsOf(
  type: { name: string; getFields: () => Record<string, GraphQLField<unknown, unknown>> },
  depth: number,
) {
  const fields = Object.values(type.getFields()).flatMap((field) => {
    if (field.args.some(isRequiredArgument)) return [];
    const isLeaf = isLeafType(getNamedType(field.type));
    if (!isLeaf && depth === 0) return [];
    return [`${field.name} ${selectionOf(field.type, depth - 1)}`];
  });
  return `{ __typename ${fields.join(' ')} }`;
}

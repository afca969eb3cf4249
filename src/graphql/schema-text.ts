/**
 * The schema in SDL, as a text to be read: in the order of the code, every operation next to its input, its result and
 * the objects it is about. A root field stands behind the type it answers with, a page behind the type that has it, and
 * what everything refers to comes last: the errors, Node, PageInfo and the scalars.
 */
import {
  type GraphQLNamedType,
  GraphQLObjectType,
  getNamedType,
  isInterfaceType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  isUnionType,
  printType,
} from 'graphql';
import { builder } from './builder.ts';
import { schema } from './schema.ts';

const WIDTH = 120;
/** What everything refers to, besides errors and scalars. */
const GENERAL = ['Node', 'PageInfo'];

/** The whole of `schema.graphql`. */
export function schemaText(): string {
  const roots = [schema.getQueryType(), schema.getMutationType()].filter((root) => root != null);
  const contents = roots.map((root) => wrap(`# ${root.name}: ${Object.keys(root.getFields()).join(', ')}`, '#   '));
  const head = ['# Printed from the code by `npm run schema`; do not edit.', '#', ...contents].join('\n');
  return `${[head, ...blocksOf(roots)].join('\n\n')}\n`;
}

function blocksOf(roots: readonly GraphQLObjectType[]): readonly string[] {
  const types = typesAsDeclared().filter((type) => !roots.some((root) => root === type));
  const errors = withFieldTypes(types.filter(isError));
  const isLast = (type: GraphQLNamedType) => errors.has(type) || isScalarType(type) || GENERAL.includes(type.name);
  const blocks: string[] = [];
  const printed = new Set<GraphQLNamedType>();

  const print = (type: GraphQLNamedType) => {
    if (printed.has(type)) return;
    printed.add(type);
    blocks.push(laidOut(printType(type)));
    for (const part of fieldTypesOf(type)) if (isPart(part)) print(part);
    if (!isObjectType(type) && !isInterfaceType(type)) return;
    for (const union of types) if (isUnionType(union) && union.getTypes()[0] === type) print(union);
    for (const root of roots) printFieldsAbout(root, type);
  };

  const printFieldsAbout = (root: GraphQLObjectType, subject: GraphQLNamedType) => {
    const { fields, description, ...config } = root.toConfig();
    const about = Object.entries(fields).filter(([, { type }]) => subjectOf(getNamedType(type)) === subject);
    if (about.length === 0) return;
    const isFirst = !printed.has(root);
    printed.add(root);
    const part = { ...config, description: isFirst ? description : null, fields: Object.fromEntries(about) };
    blocks.push(laidOut(`${isFirst ? '' : 'extend '}${printType(new GraphQLObjectType(part))}`));
    for (const [, { type }] of about) if (isPart(getNamedType(type))) print(getNamedType(type));
  };

  for (const type of types) if (!isLast(type) && !isPart(type)) print(type);
  for (const type of types) if (isLast(type)) print(type);
  return blocks;
}

/** The builder knows the order of the code; the schema has its types by kind. */
function typesAsDeclared(): GraphQLNamedType[] {
  return [...builder.configStore.typeConfigs.keys()].flatMap((name) => {
    const type = schema.getType(name);
    return type === undefined || isSpecifiedScalarType(type) ? [] : [type];
  });
}

/** The type an answer is about: of a union its one success, of a page its rows. */
function subjectOf(type: GraphQLNamedType): GraphQLNamedType | undefined {
  if (isUnionType(type)) return type.getTypes()[0];
  const rows = isPart(type) && isObjectType(type) ? type.getFields()['nodes'] : undefined;
  return rows ? getNamedType(rows.type) : type;
}

/** A page, or a place in it: it belongs to what has the list. */
function isPart({ name }: GraphQLNamedType): boolean {
  return /(?:Connection|Edge)$/.test(name);
}

function isError(type: GraphQLNamedType): boolean {
  if (isInterfaceType(type)) return type.name === 'UserError';
  return isObjectType(type) && type.getInterfaces().some(isError);
}

function fieldTypesOf(type: GraphQLNamedType): GraphQLNamedType[] {
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  return Object.values(type.getFields()).map((field) => getNamedType(field.type));
}

function withFieldTypes(types: readonly GraphQLNamedType[]): ReadonlySet<GraphQLNamedType> {
  const found = new Set(types);
  for (const type of found) for (const inner of fieldTypesOf(type)) found.add(inner);
  return found;
}

/** With long descriptions and unions broken into lines. */
function laidOut(sdl: string): string {
  let isInDescription = false;
  const lines = sdl.split('\n').map((line) => {
    if (line.trim() === '"""') isInDescription = !isInDescription;
    else if (isInDescription) return wrap(line, /^ */.exec(line)?.[0] ?? '');
    return line.startsWith('union ')
      ? line.replaceAll(/ = | \| /g, (sign) => (sign === ' = ' ? ' =\n  | ' : '\n  | '))
      : line;
  });
  return lines.join('\n');
}

/** @param indent of every line but the first, which keeps its own */
function wrap(text: string, indent: string): string {
  const [first = '', ...words] = text.split(/(?<=\S) /);
  let line = first;
  let lines = '';
  for (const word of words) {
    if (line.length + 1 + word.length <= WIDTH) line += ` ${word}`;
    else {
      lines += `${line}\n`;
      line = `${indent}${word}`;
    }
  }
  return lines + line;
}

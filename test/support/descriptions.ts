/** Whether the descriptions of a schema are worth reading. */
import { type GraphQLNamedType, isEnumType, isInputObjectType, isInterfaceType, isObjectType } from 'graphql';

type Element = { name: string; description?: string | null | undefined };

/** A type and everything in it: fields, arguments, values. */
export function elementsOf(type: GraphQLNamedType): Element[] {
  const within = ({ name, description }: Element) => ({ name: `${type.name}.${name}`, description });
  if (isEnumType(type)) return [type, ...type.getValues().map(within)];
  if (isInputObjectType(type)) return [type, ...Object.values(type.getFields()).map(within)];
  if (!isObjectType(type) && !isInterfaceType(type)) return [type];
  const fields = Object.values(type.getFields()).flatMap((field) => [
    within(field),
    ...field.args.map(({ name, description }) => within({ name: `${field.name}(${name})`, description })),
  ]);
  return [type, ...fields];
}

/**
 * Whether a description has not even two words that the name of the element does not have; small words do not count.
 */
export function restatesItsName({ name, description }: Element): boolean {
  const [said = ''] = (description ?? '').split('Access: ');
  const named = stemsOf(name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' '));
  return new Set(stemsOf(said)).difference(new Set(named)).size < 2;
}

const SMALL =
  /^(?:the|its?|this|that|these|which|what|when|who|whom|whose|where|whether|for|and|with|from|into|was|were|are|be|been|has|have|had|not|their|them|they|one|only)$/;

function stemsOf(text: string): string[] {
  const words = text.toLowerCase().match(/[a-z0-9]{3,}/g) ?? [];
  return words.filter((word) => !SMALL.test(word)).map((word) => word.replace(/(?:ing|ed|es|s|e)$/, ''));
}

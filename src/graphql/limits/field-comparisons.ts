/**
 * How often fields of a document are compared with one another. GraphQL merges fields with the same response name
 * (specification section 5.3.2), so a validator compares each pair of them, also across fragments: work that grows with
 * the square of the document. Counting is linear: equal names are counted, not compared, and the count stops at a
 * bound.
 */
import { type DocumentNode, type FieldNode, type FragmentDefinitionNode, Kind, type SelectionSetNode } from 'graphql';

type Count = { left: number; fragments: ReadonlyMap<string, FragmentDefinitionNode> };

/** A selection set and the fragments it stands in: one that leads back to itself is another rule's to report. */
type Scope = { set: SelectionSetNode; within: ReadonlySet<string> };
type FieldsByName = Map<string, { field: FieldNode; within: ReadonlySet<string> }[]>;

/** Whether more than `bound` fields and pairs of fields would have to be looked at. */
export function exceedsComparisons({ definitions }: DocumentNode, bound: number): boolean {
  const fragments = definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION);
  const count: Count = { left: bound, fragments: new Map(fragments.map((each) => [each.name.value, each])) };
  for (const definition of definitions) {
    if (!('selectionSet' in definition)) continue;
    const own = definition.kind === Kind.FRAGMENT_DEFINITION ? [definition.name.value] : [];
    countMerged(count, [{ set: definition.selectionSet, within: new Set(own) }]);
  }
  return count.left < 0;
}

/** Counts selection sets that become one in the response, and all that is below them. */
function countMerged(count: Count, scopes: readonly Scope[]): void {
  const byName: FieldsByName = new Map();
  const spread = new Set<string>();
  for (const scope of scopes) collect(count, scope, byName, spread);
  for (const fields of byName.values()) {
    if (count.left < 0) return;
    count.left -= (fields.length * (fields.length - 1)) / 2;
    const inner = fields.flatMap(({ field: { selectionSet }, within }) =>
      selectionSet === undefined ? [] : [{ set: selectionSet, within }],
    );
    if (inner.length > 0) countMerged(count, inner);
  }
}

function collect(count: Count, { set, within }: Scope, byName: FieldsByName, spread: Set<string>): void {
  for (const selection of set.selections) {
    count.left -= 1;
    if (count.left < 0) return;
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      collect(count, { set: selection.selectionSet, within }, byName, spread);
    } else if (selection.kind === Kind.FIELD) {
      const name = (selection.alias ?? selection.name).value;
      const fields = byName.get(name);
      if (fields === undefined) byName.set(name, [{ field: selection, within }]);
      else fields.push({ field: selection, within });
    } else {
      const name = selection.name.value;
      const fragment = spread.has(name) || within.has(name) ? undefined : count.fragments.get(name);
      spread.add(name);
      if (fragment === undefined) continue;
      collect(count, { set: fragment.selectionSet, within: new Set(within).add(name) }, byName, spread);
    }
  }
}

/**
 * How often fields of a document are compared with one another. GraphQL merges fields with the same response name
 * (specification section 5.3.2), so a validator compares each pair of them, also across fragments: work that grows with
 * the square of the document. Counting is linear: equal names are counted, not compared, and the count stops at a bound.
 */
import { type DocumentNode, type FieldNode, type FragmentDefinitionNode, Kind, type SelectionSetNode } from 'graphql';

type Count = { left: number; fragments: ReadonlyMap<string, FragmentDefinitionNode> };

/** Whether more than `bound` fields and pairs of fields would have to be looked at. */
export function exceedsComparisons({ definitions }: DocumentNode, bound: number): boolean {
  const fragments = definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION);
  const count: Count = { left: bound, fragments: new Map(fragments.map((each) => [each.name.value, each])) };
  for (const definition of definitions) {
    if ('selectionSet' in definition) countMerged(count, [definition.selectionSet]);
  }
  return count.left < 0;
}

/** Counts selection sets that become one in the response, and all that is below them. */
function countMerged(count: Count, sets: readonly SelectionSetNode[]): void {
  const byName = new Map<string, FieldNode[]>();
  const spread = new Set<string>();
  for (const set of sets) collect(count, set, byName, spread);
  for (const fields of byName.values()) {
    if (count.left < 0) return;
    count.left -= (fields.length * (fields.length - 1)) / 2;
    const inner = fields.map(({ selectionSet }) => selectionSet).filter((set) => set !== undefined);
    if (inner.length > 0) countMerged(count, inner);
  }
}

function collect(count: Count, set: SelectionSetNode, byName: Map<string, FieldNode[]>, spread: Set<string>): void {
  for (const selection of set.selections) {
    count.left -= 1;
    if (count.left < 0) return;
    if (selection.kind === Kind.INLINE_FRAGMENT) collect(count, selection.selectionSet, byName, spread);
    else if (selection.kind === Kind.FIELD) {
      const name = (selection.alias ?? selection.name).value;
      const fields = byName.get(name);
      if (fields === undefined) byName.set(name, [selection]);
      else fields.push(selection);
    } else if (!spread.has(selection.name.value)) {
      spread.add(selection.name.value);
      const fragment = count.fragments.get(selection.name.value);
      if (fragment !== undefined) collect(count, fragment.selectionSet, byName, spread);
    }
  }
}

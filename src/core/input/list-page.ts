/**
 * Where a page of a list begins. A cursor counts among the rows of its list alone: one of another tenant is as one that
 * nobody has.
 */

/** A page as a face asks for it; a negative `take` counts from the end. */
type Page = { cursor?: object; take?: unknown };

/** The page, with a cursor that means nothing but rows which have these values. */
export function pageWithin<P extends Page>(page: P, values: Record<string, string>): P {
  return page.cursor === undefined ? page : { ...page, cursor: { ...page.cursor, ...values } };
}

/**
 * For a list that grows: a condition on what it is ordered by, a time say, by which the index is entered where the page
 * begins. No index answers the comparison with the cursor alone: all before it would be read. Null when the cursor names
 * no row of the list, and the page is empty.
 * @param placeOf that value of a row of the list; nothing when it has no row with this id
 */
export async function startOfPage<Place>(
  { cursor, take = 1 }: Page,
  order: 'asc' | 'desc',
  placeOf: (id: string) => Promise<Place | undefined>,
): Promise<{ gte?: Place; lte?: Place } | null> {
  if (cursor === undefined || !('id' in cursor)) return {};
  const place = await placeOf(String(cursor.id));
  if (place === undefined) return null;
  return (order === 'asc') === Number(take) > 0 ? { gte: place } : { lte: place };
}

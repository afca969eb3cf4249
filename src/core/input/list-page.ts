/**
 * Where a page of a list begins. A cursor is valid only for the rows of its own list: a cursor from another tenant's
 * list is treated as unknown.
 */

/** A page as a face requests it; a negative `take` counts from the end. */
type Page = { cursor?: object; take?: unknown };

/** The same page, with a cursor that matches only rows with these values. */
export function pageWithin<P extends Page>(page: P, values: Record<string, string>): P {
  return page.cursor === undefined ? page : { ...page, cursor: { ...page.cursor, ...values } };
}

/**
 * For a list that keeps growing: a condition on the column it is ordered by, such as a time, so that the database can
 * enter the index where the page begins. No index serves the comparison with the cursor alone; the database would read
 * every row before it. Null if the cursor names no row of the list; the page is then empty.
 * @param placeOf the value of that column for a row of the list; undefined if the list has no row with this id
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

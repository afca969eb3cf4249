/** Ids as clients write them. */
import { validate } from 'uuid';

/** A UUID in lower case, as rows have it; null for anything else, which no row has as its id. */
export function parseId(text: string): string | null {
  return validate(text) ? text.toLowerCase() : null;
}

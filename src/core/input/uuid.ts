/** Ids as clients send them. */
import { validate } from 'uuid';

/** A UUID in lowercase, as stored; null for anything else, which cannot be the id of a row. */
export function parseId(text: string): string | null {
  return validate(text) ? text.toLowerCase() : null;
}

/** Ids as clients send them, and as the bytes of a token. */
import { validate } from 'uuid';

/** A UUID in lowercase, as stored; null for anything else, which cannot be the id of a row. */
export function parseId(text: string): string | null {
  return validate(text) ? text.toLowerCase() : null;
}

/** The 16 bytes of a UUID. */
export function uuidToBytes(id: string): Buffer {
  return Buffer.from(id.replaceAll('-', ''), 'hex');
}

/** The UUID in the first 16 bytes. */
export function uuidFromBytes(bytes: Buffer): string {
  return bytes.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

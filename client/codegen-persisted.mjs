/** Writes the operations by their SHA-256, as PERSISTED_OPERATIONS of the service reads them. */
import { createHash } from 'node:crypto';
import { operationsOf } from './codegen-documents.mjs';

export function plugin(_schema, documents) {
  const entries = operationsOf(documents).map(({ text }) => [createHash('sha256').update(text).digest('hex'), text]);
  return JSON.stringify(Object.fromEntries(entries), null, 2);
}

/** Content negotiation for addresses that have a page for people and an answer for programs. */
import { parseAccept } from 'hono/utils/accept';

const FOR_PROGRAMS = ['application/json', 'application/graphql-response+json', 'application/*', '*/*'];

/**
 * Whether HTML is wanted before anything that a program reads, as by a browser that opens an address (RFC 9110 section
 * 12.5.1). A client that takes anything, such as curl, is a program.
 */
export function prefersHtml(accept: string | null): boolean {
  const wanted = parseAccept(accept ?? '').map(({ type, q }) => ({ type: type.toLowerCase(), q }));
  const first = wanted.find(({ type }) => type === 'text/html' || FOR_PROGRAMS.includes(type));
  return first?.type === 'text/html' && first.q > 0;
}

/** Headers that force a CORS preflight: any of them shows that no page of another site sent the request unasked. */
export const CSRF_HEADERS = [
  'x-graphql-yoga-csrf',
  'apollo-require-preflight',
  'graphql-require-preflight',
  'x-apollo-operation-name',
];

/**
 * How often a header was sent, because node:http drops or joins the second of two. Without the object of all headers
 * that its `headersDistinct` makes.
 * @param rawHeaders names and values in turn @param name in lowercase
 */
export function timesSent(rawHeaders: readonly string[], name: string): number {
  let times = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const each = rawHeaders[at];
    if (each?.length === name.length && each.toLowerCase() === name) times += 1;
  }
  return times;
}

/** How often a header was sent: of two, node:http drops one without a word, or joins them, depending on the name. */
import type { IncomingMessage } from 'node:http';

/** @param name in lowercase. Without the object of all headers that `headersDistinct` makes. */
export function timesSent({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>, name: string): number {
  let times = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const each = rawHeaders[at];
    if (each?.length === name.length && each.toLowerCase() === name) times += 1;
  }
  return times;
}

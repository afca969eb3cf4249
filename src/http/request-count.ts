/** How many requests are being answered, to say at a stop how many were cut off. */
import type { IncomingMessage, ServerResponse } from 'node:http';

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

export type RequestCount = { listener: Listener; inProgress: () => number };

/** The listener, with a count of the requests whose response is not complete. */
export function countRequests(listener: Listener): RequestCount {
  let count = 0;
  return {
    listener: (request, response) => {
      count += 1;
      response.once('close', () => {
        count -= 1;
      });
      listener(request, response);
    },
    inProgress: () => count,
  };
}

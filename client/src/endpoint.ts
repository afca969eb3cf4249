/** Sends operations to the service, and tells failures that may pass from those that will not. */
import type { Document } from './document.ts';
import { RequestError, UnavailableError } from './errors.ts';

/** Longer than the slowest answer of the service, which waits at most 10 seconds for a place to hash a password. */
const TIMEOUT_MS = 20_000;

export type Endpoint = {
  /** Fails with UnavailableError and RequestError. */
  send: <Result, Variables>(
    document: Document<Result, Variables>,
    variables: Variables,
    accessToken?: string | null,
  ) => Promise<Result>;
};

type Answer = { data?: unknown; errors?: { message: string; extensions?: { code?: string } }[] };

/** @param url of `/graphql` */
export function createEndpoint(url: string, credentials: RequestCredentials, fetch: typeof globalThis.fetch): Endpoint {
  return {
    async send<Result>(query: string, variables: unknown, accessToken: string | null = null) {
      const headers: Record<string, string> = {
        accept: 'application/graphql-response+json, application/json',
        'content-type': 'application/json',
      };
      if (accessToken !== null) headers['authorization'] = `Bearer ${accessToken}`;
      const [status, answer] = await exchange(() =>
        fetch(url, {
          method: 'POST',
          headers,
          credentials,
          body: JSON.stringify({ query, variables }),
          signal: AbortSignal.timeout(TIMEOUT_MS),
        }),
      );
      const [error] = answer.errors ?? [];
      if (answer.data && error === undefined) return answer.data as Result;
      const message = error?.message ?? `The service answered ${status}.`;
      if (status >= 500 || error?.extensions?.code === undefined) throw new UnavailableError(message);
      throw new RequestError(message, error.extensions.code);
    },
  };
}

async function exchange(ask: () => Promise<Response>): Promise<[number, Answer]> {
  try {
    const response = await ask();
    return [response.status, await response.json()];
  } catch (cause) {
    // No connection, a timeout, or the HTML page of a proxy.
    throw new UnavailableError('The service could not be reached.', { cause });
  }
}

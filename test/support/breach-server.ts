/** A server on this machine that speaks the protocol of Pwned Passwords, and keeps what it was asked. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type BreachServer = {
  /** For BREACH_CHECK_URL. */
  url: string;
  asked: { path: string | undefined; padding: string | string[] | undefined }[];
  /** The passwords that it knows, with how often each was seen. */
  knows: (passwords: Record<string, number>) => void;
  /** What it does instead of answering; null to answer. */
  behaves: (as: ((response: ServerResponse) => void) | null) => void;
  /** How the hashes are written. */
  writes: (as: 'upper case' | 'lower case') => void;
  close: () => Promise<void>;
};

export async function startBreachServer(): Promise<BreachServer> {
  const asked: BreachServer['asked'] = [];
  let known: Record<string, number> = {};
  let behavior: ((response: ServerResponse) => void) | null = null;
  let isLower = false;
  const server = createServer((request, response) => {
    asked.push({ path: request.url, padding: request.headers['add-padding'] });
    if (behavior !== null) return behavior(response);
    const prefix = request.url?.split('/').at(-1) ?? '';
    const hashes = Object.entries(known).map(([word, count]) => [sha1(word), count] as const);
    const lines = hashes
      .filter(([hash]) => hash.startsWith(prefix))
      .map(([hash, count]) => `${hash.slice(5)}:${count}`);
    const padding = Array.from({ length: 5 }, () => `${randomBytes(18).toString('hex').slice(1).toUpperCase()}:0`);
    const body = [...lines, ...padding].sort().join('\r\n');
    return void response.end(isLower ? body.toLowerCase() : body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/range`,
    asked,
    knows: (passwords) => {
      known = passwords;
    },
    behaves: (as) => {
      behavior = as;
    },
    writes: (as) => {
      isLower = as === 'lower case';
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex').toUpperCase();
}

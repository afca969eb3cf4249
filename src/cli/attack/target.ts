/**
 * The service under attack: sends requests to it, counts them, and stops at the limits. Redirects are not
 * followed, so nothing reaches another host.
 */
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { isLoopback } from '#config/loopback.ts';
import { Skipped } from './skipped.ts';

export type Answer = {
  status: number;
  headers: Headers;
  text: string;
  /** Undefined if the answer is not JSON. */
  json: unknown;
  ms: number;
};

export type Target = {
  url: URL;
  /** Whether the service runs on this machine, which it may trust as its proxy. */
  isLocal: boolean;
  /** Sends a request. Fails with `Skipped` if the service cannot be reached or enough was sent. */
  send: (path: string, init?: RequestInit) => Promise<Answer>;
  /** Sends an operation. Fails with `Skipped` if the service runs persisted operations only. */
  graphql: (query: string, variables?: unknown, headers?: Record<string, string>) => Promise<Answer>;
  /** Sends bytes as they are, and returns what comes back until the connection closes or is silent. */
  raw: (bytes: string | Buffer) => Promise<string>;
  /** An email address that nobody has. */
  address: (label: string) => string;
  /** How many requests were sent, and which were answered with 500 or above. */
  sent: () => number;
  faults: readonly string[];
};

export type Bounds = { requests: number; seconds: number };

const TIMEOUT_MS = 20_000;
/** A raw answer is complete after the connection has been silent for this long. */
const SILENCE_MS = 1500;

export function createTarget(url: URL, emailDomain: string, bounds: Bounds): Target {
  const endsAt = performance.now() + bounds.seconds * 1000;
  const run = randomBytes(4).toString('hex');
  const faults: string[] = [];
  let sent = 0;
  let addresses = 0;

  function count(): void {
    sent += 1;
    if (sent > bounds.requests) throw new Skipped(`${bounds.requests} requests were sent already`);
    if (performance.now() > endsAt) throw new Skipped(`${bounds.seconds} seconds are over`);
  }
  async function send(path: string, init: RequestInit = {}): Promise<Answer> {
    count();
    const startedAt = performance.now();
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(new URL(path, url), { redirect: 'manual', signal, ...init }).catch(() => {
      throw new Skipped('the service did not answer');
    });
    const text = await response.text().catch(() => '');
    const ms = performance.now() - startedAt;
    const { status, headers } = response;
    // 503 with Retry-After is how a busy service refuses.
    if (status >= 500 && !(status === 503 && headers.has('retry-after')))
      faults.push(`${path.slice(0, 60)}: ${status}`);
    return { status, headers, text, json: jsonOf(text), ms };
  }
  return {
    url,
    isLocal: isLoopback(url.hostname),
    send,
    graphql: async (query, variables, headers = {}) => {
      const answer = await send('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
        body: JSON.stringify({ query, variables }),
      });
      if (answer.text.includes('PERSISTED_QUERY_ONLY')) throw new Skipped('it runs persisted operations only');
      return answer;
    },
    raw: async (bytes) => {
      count();
      return exchange(url, bytes);
    },
    address: (label) => `attack-${label}-${run}-${++addresses}@${emailDomain}`,
    sent: () => sent,
    faults,
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function exchange({ protocol, hostname, port }: URL, bytes: string | Buffer): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const host = hostname.replace(/^\[|\]$/g, '');
  const socket =
    protocol === 'https:'
      ? connectTls({ host, port: Number(port || 443), servername: host })
      : connect({ host, port: Number(port || 80) });
  let received = '';
  socket.setTimeout(SILENCE_MS, () => socket.destroy());
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => resolve(received));
  socket.write(bytes);
  return promise;
}

/** Closed-loop load: so many connections, each sending its next request when the last one is answered. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Answer, openConnection, type Sent } from './connection.ts';

/** A request and what makes its answer the right one. A wrong answer ends the benchmark. */
export type Exchange = Sent & { isRight: (answer: Answer) => boolean };

export type Load = {
  port: number;
  connections: number;
  /** The next request of this connection. */
  next: (connection: number) => Exchange;
  /** Between an answer and the next request of its connection. */
  pauseMs?: number;
};

export type Measured = {
  /** Answers from the end of the ramp to the end of the load. */
  perSecond: number;
  /** Of the same answers, in milliseconds, ascending. */
  latencies: number[];
  /** All there were, with those under way when the load ended. */
  answers: number;
};

/**
 * At first all connections are at the same point of a request; what comes back before they have spread is not counted.
 */
const RAMP_MS = 300;

/** Drives the load until `signal`, then lets what is under way finish, uncounted. Fails on the first wrong answer. */
export async function drive(load: Load, signal: AbortSignal): Promise<Measured> {
  const connections = await Promise.all(Array.from({ length: load.connections }, () => openConnection(load.port)));
  const latencies: number[] = [];
  const failure = new AbortController();
  let answers = 0;
  const startsAt = performance.now() + RAMP_MS;
  let endedAt = startsAt;
  signal.addEventListener('abort', () => {
    endedAt = performance.now();
  });

  async function keepAsking(number: number): Promise<void> {
    const connection = connections[number];
    while (connection !== undefined && !signal.aborted && !failure.signal.aborted) {
      const exchange = load.next(number);
      const sentAt = performance.now();
      const answer = await connection.send(exchange);
      if (!exchange.isRight(answer)) {
        const { path = '', body } = exchange;
        throw new Error(`Wrong answer ${answer.status} ${answer.body.slice(0, 500)} to ${path} ${body}`);
      }
      answers += 1;
      const now = performance.now();
      if (now >= startsAt && !signal.aborted) latencies.push(now - sentAt);
      if (load.pauseMs !== undefined) await pause(load.pauseMs);
    }
  }

  try {
    await Promise.all(connections.map((_, number) => keepAsking(number)));
  } finally {
    failure.abort();
    for (const connection of connections) connection.close();
  }
  latencies.sort((a, b) => a - b);
  return { perSecond: latencies.length / ((endedAt - startsAt) / 1000), latencies, answers };
}

/** @param share between 0 and 1: 0.99 for the 99th percentile (nearest rank) */
export function percentile(ascending: readonly number[], share: number): number {
  return ascending[Math.max(0, Math.ceil(ascending.length * share) - 1)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
}

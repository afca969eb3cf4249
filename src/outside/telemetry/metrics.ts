/**
 * Metrics for Prometheus. Events are counted where they happen; states, such as the length of a queue, are read at each
 * scrape. Loaded only if /metrics is served.
 */
import { Counter, type CounterConfiguration, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import {
  type Across,
  COUNTERS,
  type CounterName,
  DURATIONS,
  READINGS,
  type ReadingName,
  type Readings,
} from './metric-list.ts';

/** The outcome of an email: `delayed` will be tried again, `refused` will not, and `dropped` was no longer relevant. */
type EmailOutcome = 'sent' | 'delayed' | 'refused' | 'dropped';

export type Metrics = {
  /** @param outcome the code of the failure, or `OK` */
  requestEnded: (operation: string, outcome: string, seconds: number) => void;
  sessionOpened: (method: string) => void;
  sessionsEnded: (reason: string, count: number) => void;
  emailHandled: (email: string, outcome: EmailOutcome) => void;
  cleanedUp: (task: string, rows: number) => void;
  cleanUpFailed: (task: string) => void;
  /** Sets how states are read. `read` must not fail, and leaves out what it cannot read. */
  readFrom: (read: () => Promise<Readings>) => void;
  /** For the process that adds up the metrics of several workers. */
  snapshot: () => Promise<object[]>;
  /** Everything in the text format of Prometheus. */
  text: () => Promise<string>;
};

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  // The event loop, memory, and garbage collection of the process.
  collectDefaultMetrics({ register: registry });

  const counters = new Map(
    Object.entries(COUNTERS).map(([name, { help, labels }]) => {
      const configuration: CounterConfiguration<string> = { name, help, labelNames: labels, registers };
      return [name, new Counter(configuration)];
    }),
  );
  const count = (name: CounterName, labels: Record<string, string>, by = 1) => counters.get(name)?.inc(labels, by);

  const { help, labels: labelNames, buckets } = DURATIONS.latchkey_request_duration_seconds;
  const duration = new Histogram({
    name: 'latchkey_request_duration_seconds' satisfies keyof typeof DURATIONS,
    help,
    labelNames,
    buckets: [...buckets],
    registers,
  });

  let read: () => Promise<Readings> = async () => ({});
  let reading: Promise<Readings> | null = null;
  /** All metrics ask at the same time, so they share one reading. */
  const readOnce = () =>
    (reading ??= read().finally(() => {
      reading = null;
    }));
  for (const [name, declared] of Object.entries(READINGS)) addReading(registry, name, declared, readOnce);

  return {
    requestEnded: (operation, outcome, seconds) => {
      count('latchkey_requests_total', { operation, outcome });
      duration.observe({ operation }, seconds);
    },
    sessionOpened: (method) => count('latchkey_sessions_opened_total', { method }),
    sessionsEnded: (reason, number) => count('latchkey_sessions_ended_total', { reason }, number),
    emailHandled: (email, outcome) => count('latchkey_emails_total', { email, outcome }),
    cleanedUp: (task, rows) => count('latchkey_clean_up_rows_total', { task }, rows),
    cleanUpFailed: (task) => count('latchkey_clean_up_failures_total', { task }),
    readFrom: (source) => {
      read = source;
    },
    snapshot: () => registry.getMetricsAsJSON(),
    text: () => registry.metrics(),
  };
}

type Declared = { help: string; label?: string; kind?: 'counter'; across?: Across };

function addReading(
  registry: Registry,
  name: string,
  { help, label, kind, across }: Declared,
  readOnce: () => Promise<Readings>,
): void {
  const configuration = { name, help, labelNames: label === undefined ? [] : [label], registers: [registry] };
  const valuesNow = async (): Promise<[Record<string, string>, number][]> => {
    const value = (await readOnce())[name as ReadingName];
    if (value === undefined) return [];
    if (typeof value === 'number') return [[{}, value]];
    return Object.entries(value).map(([text, number]) => [{ [label ?? '']: text }, number]);
  };
  if (kind === 'counter') {
    const counter = new Counter<string>({
      ...configuration,
      collect: async () => {
        const values = await valuesNow();
        counter.reset();
        for (const [labels, number] of values) counter.inc(labels, number);
      },
    });
    return;
  }
  const gauge = new Gauge<string>({
    ...configuration,
    ...(across !== undefined && { aggregator: across }),
    collect: async () => {
      const values = await valuesNow();
      gauge.reset();
      if (values.length === 0 && label === undefined) gauge.remove();
      for (const [labels, number] of values) gauge.set(labels, number);
    },
  });
}

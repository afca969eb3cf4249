/**
 * Traces for OpenTelemetry, sent by OTLP over HTTP. Loaded only if an OTEL_ variable says where to send them.
 *
 * A span holds names that are in the code, times, and outcomes: no path, query, header, body, value of a statement,
 * message of an error, IP address, or id of a person.
 */
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Log } from '../log.ts';
import { activeSpan } from './active-span.ts';

export type RequestEndNote = { method: string; operation: string; outcome: string; status: number };

/** The span of one request. */
export type RequestTrace = {
  /** 32 hex digits. */
  traceId: string;
  /** Runs `work` in the span. */
  run: <T>(work: () => T) => T;
  end: (note: RequestEndNote) => void;
};

export type Tracing = {
  /** @param traceparent the header as it was sent: a valid one is continued (W3C Trace Context) */
  startRequest: (traceparent: string | null) => RequestTrace;
  /** Runs `work` in its own span, if it runs in a trace. */
  span: <T>(name: string, work: () => Promise<T>, attributes?: Attributes) => Promise<T>;
  /** Runs `work` in no span: what is done for several requests belongs to none of their traces. */
  apart: <T>(work: () => T) => T;
  /** Runs `work` in a span that continues a trace, perhaps of another process, or begins one. */
  continued: <T>(traceparent: string | undefined, name: string, work: () => Promise<T>) => Promise<T>;
  /** The value with which another process continues the current trace; null outside a trace. */
  traceparent: () => string | null;
  /** Sends what is left, for two seconds at most. */
  close: () => Promise<void>;
};

const CLOSE_MS = 2000;
const WARN_EVERY_MS = 60_000;

/** @param options `url` where spans are sent; the variables of OpenTelemetry set the rest */
export function createTracing({ url, version }: { url: string; version: string }, log: Log): Tracing {
  const ours = resourceFromAttributes({ 'service.name': 'latchkey', 'service.version': version });
  const provider = new BasicTracerProvider({
    resource: ours.merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(loggingFailures(new OTLPTraceExporter({ url }), log))],
  });
  const tracer = provider.getTracer('latchkey', version);
  const contextOf = (span: Span): Context => trace.setSpan(ROOT_CONTEXT, span);

  async function within<T>(span: Span, work: () => Promise<T>): Promise<T> {
    try {
      return await activeSpan.run(span, work);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      // The name of its class. The message may quote data.
      span.setAttribute('error.type', error instanceof Error ? error.name : 'unknown');
      throw error;
    } finally {
      span.end();
    }
  }

  return {
    startRequest: (traceparent) => {
      const span = tracer.startSpan('HTTP', { kind: SpanKind.SERVER }, parentOf(traceparent));
      return {
        traceId: span.spanContext().traceId,
        run: (work) => activeSpan.run(span, work),
        end: ({ method, operation, outcome, status }) => {
          const [, route] = /^[A-Z]+ (\/.*)$/.exec(operation) ?? [];
          span.updateName(operation === 'other' ? method : operation);
          span.setAttributes({
            'http.request.method': method,
            'http.response.status_code': status,
            'latchkey.outcome': outcome,
            ...(route !== undefined && { 'http.route': route }),
          });
          if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        },
      };
    },
    span: (name, work, attributes = {}) => {
      const parent = activeSpan.getStore();
      if (parent === undefined) return work();
      return within(tracer.startSpan(name, { attributes }, contextOf(parent)), work);
    },
    apart: (work) => activeSpan.exit(work),
    continued: (traceparent, name, work) =>
      within(tracer.startSpan(name, { kind: SpanKind.CONSUMER }, parentOf(traceparent ?? null)), work),
    traceparent: () => {
      const context = activeSpan.getStore()?.spanContext();
      if (context === undefined) return null;
      const flags = context.traceFlags.toString(16).padStart(2, '0');
      return `00-${context.traceId}-${context.spanId}-${flags}`;
    },
    close: async () => {
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, CLOSE_MS);
      await Promise.race([provider.shutdown().catch(() => {}), late]);
      clearTimeout(timer);
    },
  };
}

/** The context of a span that another process started; the root context for a malformed header. */
function parentOf(traceparent: string | null): Context {
  const [, version, traceId = '', spanId = '', flags = ''] =
    /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/.exec(traceparent ?? '') ?? [];
  if (version === undefined || version === 'ff') return ROOT_CONTEXT;
  const context: SpanContext = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
  return trace.setSpanContext(ROOT_CONTEXT, context);
}

/** The exporter, with a log line, at most one a minute, when spans cannot be sent. */
function loggingFailures(exporter: SpanExporter, log: Log): SpanExporter {
  let warnedAt = Number.NEGATIVE_INFINITY;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.code !== 0 && performance.now() - warnedAt > WARN_EVERY_MS) {
          warnedAt = performance.now();
          log.warn({ spans: spans.length, reason: result.error?.name ?? 'unknown' }, 'traces cannot be sent');
        }
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
}

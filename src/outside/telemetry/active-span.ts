/** The span that the current code runs in, if there are traces. Log lines and statements belong to it. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Span } from '@opentelemetry/api';

export const activeSpan = new AsyncLocalStorage<Span>();

/** For log lines: 32 and 16 hex digits (W3C Trace Context). */
export function spanIds(): { traceId: string; spanId: string } | Record<string, never> {
  const context = activeSpan.getStore()?.spanContext();
  return context === undefined ? {} : { traceId: context.traceId, spanId: context.spanId };
}

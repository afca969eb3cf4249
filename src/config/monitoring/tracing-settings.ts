/**
 * Whether traces are sent, by the variables of OpenTelemetry. Those that are not read here, such as
 * OTEL_EXPORTER_OTLP_HEADERS and OTEL_TRACES_SAMPLER, are read by its library.
 */
import type { Environment } from '../environment.ts';
import { isLoopback } from '../loopback.ts';

/** `url`: where spans are sent, by OTLP over HTTP as JSON. */
export type TracingConfig = { url: string };

/** Null, unless a variable says where to send them. */
export function tracingOf(env: Environment, isProduction: boolean): TracingConfig | null {
  const base = env.url('OTEL_EXPORTER_OTLP_ENDPOINT', ['http:', 'https:']);
  const own = env.url('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', ['http:', 'https:']);
  const isOff = env.text('OTEL_SDK_DISABLED')?.toLowerCase() === 'true' || env.text('OTEL_TRACES_EXPORTER') === 'none';
  // A path is added to the general endpoint; the one for traces is used as it is.
  const url = own ?? (base === undefined ? undefined : `${base.replace(/\/+$/, '')}/v1/traces`);
  if (url === undefined || isOff) return null;
  const variable = env.isGiven('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL')
    ? 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'
    : 'OTEL_EXPORTER_OTLP_PROTOCOL';
  const protocol = env.text(variable);
  if (protocol === 'http/protobuf') env.warning(variable, 'is http/protobuf: traces are sent as http/json');
  else if (protocol !== undefined && protocol !== 'http/json') {
    env.problem(variable, 'must be http/json; the port for HTTP is usually 4318');
  }
  const { protocol: scheme, hostname } = new URL(url);
  // Names and times, and the key of OTEL_EXPORTER_OTLP_HEADERS (OWASP ASVS 5.0, 12.3.1).
  if (isProduction && scheme === 'http:' && !isLoopback(hostname)) {
    const named = own === undefined ? 'OTEL_EXPORTER_OTLP_ENDPOINT' : 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT';
    env.warning(named, 'is plain http: traces, and the key for their receiver, are not encrypted');
  }
  return { url };
}

/** The settings of the log, metrics and traces: a part of the list in settings.ts. */
export const MONITORING_SETTINGS = [
  ['LOG_LEVEL', 'info', 'debug, info, warn, error or silent'],
  [
    'LOG_SAMPLE',
    '1',
    'the share of successful reads that get a log line, from 0 to 1; changes and failures always get one',
  ],
  [
    'METRICS_PORT',
    'none',
    'serves /metrics for Prometheus on a separate port of HOST; see [Monitoring](monitoring.md)',
  ],
  [
    'METRICS_TOKEN',
    'none',
    'bearer token that /metrics requires, at least 32 characters; without METRICS_PORT, /metrics is on PORT',
  ],
  ['METRICS_TOKEN_FILE', 'none', 'file that contains METRICS_TOKEN'],
  [
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'none: no traces',
    'where traces are sent (OpenTelemetry, OTLP over HTTP): `http://collector:4318`; see [Monitoring](monitoring.md#traces)',
  ],
  ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT and `/v1/traces`', 'the same, as a complete URL'],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'http/json', 'only `http/json` is supported'],
  ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL', 'the same, for traces'],
  ['OTEL_TRACES_EXPORTER', 'otlp', '`none` turns traces off'],
  ['OTEL_SDK_DISABLED', 'false', '`true` turns traces off'],
] as const satisfies readonly (readonly [string, string, string])[];

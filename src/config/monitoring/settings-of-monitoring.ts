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
    'serves /metrics for Prometheus on a port of its own, on HOST; see [Monitoring](monitoring.md)',
  ],
  [
    'METRICS_TOKEN',
    'none',
    'bearer token that /metrics requires, at least 32 characters; without METRICS_PORT, /metrics is on PORT',
  ],
  ['METRICS_TOKEN_FILE', 'none', 'file that contains METRICS_TOKEN'],
] as const satisfies readonly (readonly [string, string, string])[];

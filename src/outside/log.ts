/** Structured log lines on standard output, one JSON object each. Never log secrets or full email addresses. */
import { type DestinationStream, type Logger, pino } from 'pino';
import { loggedError } from './logged-error.ts';
import { spanIds } from './telemetry/active-span.ts';

export type Log = Logger;

/** A safety net for the rule "never log a secret": secrets under their usual names are removed from log lines. */
const SECRET_KEYS = [
  'password',
  'newPassword',
  'code',
  'token',
  'accessToken',
  'refreshToken',
  'authorization',
  'cookie',
  'secret',
];

export function createLog(level: string, destination?: DestinationStream): Log {
  const options = {
    level,
    base: { service: 'latchkey' },
    redact: { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '[redacted]' },
    // Every error goes through here: pino's own serializer would write all properties of an error.
    serializers: { err: (error: unknown) => loggedError(error) },
    // With traces, every line belongs to its span. The ids of the span win over those of callers.
    mixin: spanIds,
    mixinMergeStrategy: (line: object, ids: object) => ({ ...line, ...ids }),
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** Structured log lines on standard output, one JSON object each. Secrets and full addresses do not belong here. */
import { type DestinationStream, type Logger, pino } from 'pino';
import { loggedError } from './logged-error.ts';

export type Log = Logger;

/** A safety net under the rule "log no secret": a secret that reaches a line under its usual name is cut out. */
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
    // Every error goes through here: pino's own serializer would write down all that hangs on it.
    serializers: { err: (error: unknown) => loggedError(error) },
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

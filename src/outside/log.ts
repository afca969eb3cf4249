/** Structured log lines on standard output, one JSON object each. Never log secrets or full email addresses. */
import { type DestinationStream, type Logger, pino } from 'pino';
import { loggedError } from './logged-error.ts';
import { spanIds } from './telemetry/active-span.ts';

export type Log = Logger;

/** The usual names of secrets: those of our APIs, of headers, and of settings. */
const SECRET_KEYS: ReadonlySet<string> = new Set([
  'password',
  'currentPassword',
  'newPassword',
  'code',
  'recoveryCode',
  'recoveryCodes',
  'qrCode',
  'otpauthUri',
  'captcha',
  'token',
  'accessToken',
  'refreshToken',
  'deviceToken',
  'requestToken',
  'challengeToken',
  'setupToken',
  'invitationToken',
  'authorization',
  'cookie',
  'secret',
]);
/** How deep secrets are looked for: in a line, in its objects, and in theirs. */
const LEVELS = 3;

export function createLog(level: string, destination?: DestinationStream): Log {
  const options = {
    level,
    base: { service: 'latchkey' },
    // In place of pino's own, which writes all properties of an error; ours have been chosen by then.
    serializers: { err: (error: unknown) => error },
    // With traces, every line belongs to its span. The ids of the span win over those of callers.
    mixin: spanIds,
    mixinMergeStrategy: (line: object, ids: object) => ({ ...line, ...ids }),
    formatters: {
      level: (label: string) => ({ level: label }),
      log: (line: Record<string, unknown>) => withoutSecrets(line),
    },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/**
 * A safety net for the rule "never log a secret": the same with secrets under their usual names removed. In place of
 * pino's `redact`, which copies every line for its wildcards and takes longer than all else that is done for a request.
 */
function withoutSecrets<Value extends object>(value: Value, levels = LEVELS): Value {
  const changed = Object.entries(value).flatMap(([key, inner]) => {
    const shown = shownOf(key, inner, levels - 1);
    return shown === inner ? [] : [[key, shown]];
  });
  if (changed.length === 0) return value;
  return Object.assign(Array.isArray(value) ? [...value] : { ...value }, Object.fromEntries(changed));
}

function shownOf(key: string, value: unknown, levels: number): unknown {
  if (SECRET_KEYS.has(key)) return '[redacted]';
  // `err` may be anything that was thrown.
  if (key === 'err' || value instanceof Error) return loggedError(value);
  return typeof value === 'object' && value !== null && levels > 0 ? withoutSecrets(value, levels) : value;
}

/** How long tokens, sessions, keys, and what is kept of accounts last. */
import type { Environment } from '../environment.ts';

/** At least an hour, so that the next key is published before it signs. */
export function keyRotationOf(env: Environment): number | null {
  return env.text('KEY_ROTATION') === 'off' ? null : env.seconds('KEY_ROTATION', '90d', '1h');
}

export function lifetimesOf(env: Environment) {
  return {
    // Other services accept a stolen token for that long.
    accessTokenTtlSeconds: env.seconds('ACCESS_TOKEN_TTL', '15m', '5s', '1d'),
    refreshGraceSeconds: env.seconds('REFRESH_GRACE', '10s', '0s', '1m'),
    sessionIdleTtlSeconds: env.seconds('SESSION_IDLE_TTL', '14d', '1m'),
    sessionTtlSeconds: env.seconds('SESSION_TTL', '30d', '1m'),
    reauthenticationWindowSeconds: env.seconds('REAUTHENTICATION_WINDOW', '15m', '1m'),
    auditRetentionSeconds: env.seconds('AUDIT_RETENTION', '365d', '30d', '3650d'),
    accountDeletionGraceSeconds: env.seconds('ACCOUNT_DELETION_GRACE', '7d', '1h'),
  };
}

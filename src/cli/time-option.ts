/** Options that are times. */
import { parseMoment } from '#core/input/moment.ts';
import { UsageError } from './command.ts';

const UNIT_MS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** An ISO 8601 time, or how long ago; null if the option was not given. Fails with UsageError. */
export function timeOf(option: string, text: string | undefined, now: Date): Date | null {
  if (text === undefined) return null;
  const [, amount, unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const ago = amount === undefined ? null : new Date(now.getTime() - Number(amount) * (UNIT_MS[unit] ?? 0));
  const time = ago ?? parseMoment(text, { allowsDay: true });
  // PostgreSQL has no year 0.
  if (time !== null && time.getUTCFullYear() >= 1) return time;
  throw new UsageError(`--${option} must be a time such as 2026-05-31T12:00:00Z, or how long ago: 30m, 24h, 7d.`);
}

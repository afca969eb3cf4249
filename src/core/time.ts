/** Arithmetic with times. Durations are in seconds, like those of settings and budgets. */

export const MINUTE_SECONDS = 60;
export const HOUR_SECONDS = 3600;
export const DAY_SECONDS = 86_400;

/**
 * A time that is further in the future than this, although it was noted as the current time, shows that the clock was
 * set back. Less than that is the time between reading the clock and a statement that uses it.
 */
export const CLOCK_TOLERANCE_SECONDS = 10;

/** Whether the clock was set back since this was noted as the current time. What lasts a while must not last longer. */
export function isFromFuture(noted: Date, now: Date): boolean {
  return noted > secondsAfter(now, CLOCK_TOLERANCE_SECONDS);
}

export function secondsAfter(time: Date, seconds: number): Date {
  return new Date(time.getTime() + seconds * 1000);
}

export function minutesAfter(time: Date, minutes: number): Date {
  return secondsAfter(time, minutes * 60);
}

/** Days of 24 hours: no time zone is involved. */
export function daysAfter(time: Date, days: number): Date {
  return secondsAfter(time, days * DAY_SECONDS);
}

/** Negative if `until` is before `from`. */
export function secondsBetween(from: Date, until: Date): number {
  return (until.getTime() - from.getTime()) / 1000;
}

/** Whole seconds since 1970, as in tokens (NumericDate, RFC 7519 section 2). */
export function numericDate(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}

export function fromNumericDate(seconds: number): Date {
  return new Date(seconds * 1000);
}

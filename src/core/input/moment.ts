/** Parses dates and times: ISO 8601 with a time zone and a day that exists in the calendar (RFC 3339). */

const MOMENT = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;

export type MomentOptions = {
  /** Also accepts a date alone, which means its beginning in UTC. */
  allowsDay?: boolean;
  /** Reads a time without a zone as UTC. Otherwise it is rejected, because nobody can know the server's time zone. */
  assumesUtc?: boolean;
};

/** The date and time in a text, from year 1 to year 9999, as PostgreSQL has them; null for anything else. */
export function parseMoment(text: string, { allowsDay = false, assumesUtc = false }: MomentOptions = {}): Date | null {
  const [match, year = '', month = '', day = '', time, zone] = MOMENT.exec(text) ?? [];
  if (match === undefined || (time === undefined && !allowsDay)) return null;
  if (time !== undefined && zone === undefined && !assumesUtc) return null;
  // JavaScript reads February 30 as a day in March.
  const date = new Date(`${year}-${month}-${day}T00:00Z`);
  if (date.getUTCDate() !== Number(day) || year === '0000') return null;
  const offset = (zone ?? 'Z').toUpperCase().replace(/^([+-]\d\d):?(\d\d)?$/, (_, h, m = '00') => `${h}:${m}`);
  const moment = new Date(`${year}-${month}-${day}T${time ?? '00:00'}${offset}`);
  const shown = moment.getUTCFullYear();
  return shown >= 1 && shown <= 9999 && !/^24/.test(time ?? '') ? moment : null;
}

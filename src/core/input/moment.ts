/** Moments as people and programs write them: ISO 8601, with a time zone, and a day that the calendar has (RFC 3339). */

const MOMENT = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;

export type MomentOptions = {
  /** Also a day alone, which is its first moment in UTC. */
  allowsDay?: boolean;
  /** A time without a zone is in UTC. Otherwise it is refused: the zone of the server is nobody's to guess. */
  assumesUtc?: boolean;
};

/** The moment of a text, of the years 1 to 9999, which is what PostgreSQL and JavaScript share; null for anything else. */
export function parseMoment(text: string, { allowsDay = false, assumesUtc = false }: MomentOptions = {}): Date | null {
  const [match, year = '', month = '', day = '', time, zone] = MOMENT.exec(text) ?? [];
  if (match === undefined || (time === undefined && !allowsDay)) return null;
  if (time !== undefined && zone === undefined && !assumesUtc) return null;
  // JavaScript takes February 30 for a day in March.
  const date = new Date(`${year}-${month}-${day}T00:00Z`);
  if (date.getUTCDate() !== Number(day) || year === '0000') return null;
  const offset = (zone ?? 'Z').toUpperCase().replace(/^([+-]\d\d):?(\d\d)?$/, (_, h, m = '00') => `${h}:${m}`);
  const moment = new Date(`${year}-${month}-${day}T${time ?? '00:00'}${offset}`);
  const shown = moment.getUTCFullYear();
  return shown >= 1 && shown <= 9999 && !/^24/.test(time ?? '') ? moment : null;
}

/** The languages of emails and pages. */

/** Every supported language; the first is the fallback. */
export const LOCALES = ['en', 'de', 'es', 'fr'] as const;

export type Locale = (typeof LOCALES)[number];

/** Used when the reader's language is unknown. */
export const DEFAULT_LOCALE: Locale = 'en';
/** Bounds the work for one Accept-Language header; no browser sends more languages than this. */
const MAX_RANGES = 32;

/**
 * The language of a BCP 47 tag (`de-AT` is `de`), or of a locale as POSIX and Java write it (`de_AT`, `fr_CA.UTF-8`,
 * `de_DE@euro`). Null when it is neither, or there are no texts in that language.
 *
 * @param languages that have texts; those of emails can be more than those of pages
 */
export function parseLocale(tag: string | null | undefined): Locale | null;
export function parseLocale(tag: string | null | undefined, languages: readonly string[]): string | null;
export function parseLocale(tag: string | null | undefined, languages: readonly string[] = LOCALES): string | null {
  const match = /^([a-z]{2,3})(?:[-_][a-z0-9]{1,8})*(?:\.[a-z0-9-]{1,20})?(?:@[a-z0-9]{1,20})?$/i.exec(
    tag?.trim() ?? '',
  );
  const language = match?.[1]?.toLowerCase();
  return languages.find((each) => each === language) ?? null;
}

/** The supported language that an Accept-Language header (RFC 9110 section 12.5.4) prefers, or else English. */
export function negotiateLocale(acceptLanguage: string | null): Locale;
export function negotiateLocale(acceptLanguage: string | null, languages: readonly string[]): string;
export function negotiateLocale(acceptLanguage: string | null, languages: readonly string[] = LOCALES): string {
  const refused = new Set<string>();
  let best: string | null = null;
  let bestWeight = 0;
  let wildcardWeight = 0;
  for (const range of (acceptLanguage ?? '').split(',').slice(0, MAX_RANGES)) {
    const [tag = '', ...parameters] = range.split(';').map((part) => part.trim());
    const weight = parseWeight(parameters.find((parameter) => /^q\s*=/i.test(parameter)));
    if (tag === '*') wildcardWeight = weight;
    const locale = parseLocale(tag, languages);
    if (locale === null) continue;
    if (weight === 0) refused.add(locale);
    // Of two with the same weight, the one listed first wins.
    if (weight > bestWeight) {
      best = locale;
      bestWeight = weight;
    }
  }
  if (best !== null && bestWeight >= wildcardWeight) return best;
  // `*` stands for all languages not listed. If none is left, answering in English is better than not answering.
  return wildcardWeight > bestWeight
    ? (languages.find((locale) => !refused.has(locale)) ?? DEFAULT_LOCALE)
    : (best ?? DEFAULT_LOCALE);
}

/** A quality value from 0 to 1; 1 when absent, 0 when malformed. */
function parseWeight(parameter: string | undefined): number {
  if (parameter === undefined) return 1;
  const value = parameter.slice(parameter.indexOf('=') + 1).trim();
  return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(value) ? Number(value) : 0;
}

const RIGHT_TO_LEFT: ReadonlySet<string> = new Set(['ar', 'ckb', 'dv', 'fa', 'he', 'ps', 'sd', 'ug', 'ur', 'yi']);

/** The direction of a language's writing, for the `dir` of a document. */
export function directionOf(language: string): 'ltr' | 'rtl' {
  return RIGHT_TO_LEFT.has(language) ? 'rtl' : 'ltr';
}

/** Formats a date and time for readers of the language. Always in UTC, and says so: their time zone is unknown. */
export function formatMoment(moment: Date, locale: string): string {
  const format = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
  return `${format.format(moment)} UTC`;
}

/** A number with its unit, as in `1 day` or `10 Minuten`. */
export function formatCount(count: number, unit: 'second' | 'minute' | 'hour' | 'day', locale: string): string {
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(count);
}

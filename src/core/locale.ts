/** The languages people are written to in: mails and pages. */

/** Every language there are texts for; the first is the fallback. */
export const LOCALES = ['en', 'de', 'es', 'fr'] as const;

export type Locale = (typeof LOCALES)[number];

/** For someone whose language is not known. */
export const DEFAULT_LOCALE: Locale = 'en';
/** A header longer than this is no preference of a person. */
const MAX_RANGES = 32;

/** The language of a BCP 47 tag (`de-AT` is `de`), or null when it is no tag or one without texts. */
export function parseLocale(tag: string | null | undefined): Locale | null {
  const match = /^([a-z]{2,3})(?:-[a-z0-9]{1,8})*$/i.exec(tag?.trim() ?? '');
  const language = match?.[1]?.toLowerCase();
  return LOCALES.find((locale) => locale === language) ?? null;
}

/** The language that an Accept-Language header (RFC 9110 section 12.5.4) likes best; English when it names none of ours. */
export function negotiateLocale(acceptLanguage: string | null): Locale {
  const refused = new Set<Locale>();
  let best: Locale | null = null;
  let bestWeight = 0;
  let wildcardWeight = 0;
  for (const range of (acceptLanguage ?? '').split(',').slice(0, MAX_RANGES)) {
    const [tag = '', ...parameters] = range.split(';').map((part) => part.trim());
    const weight = parseWeight(parameters.find((parameter) => /^q\s*=/i.test(parameter)));
    if (tag === '*') wildcardWeight = weight;
    const locale = parseLocale(tag);
    if (locale === null) continue;
    if (weight === 0) refused.add(locale);
    // Of two with the same weight the first named wins.
    if (weight > bestWeight) {
      best = locale;
      bestWeight = weight;
    }
  }
  if (best !== null && bestWeight >= wildcardWeight) return best;
  // `*` stands for the languages that are not named; with nothing left, an answer in English is better than none.
  return wildcardWeight > bestWeight
    ? (LOCALES.find((locale) => !refused.has(locale)) ?? DEFAULT_LOCALE)
    : (best ?? DEFAULT_LOCALE);
}

/** A quality value from 0 to 1; 1 when absent, 0 when it is none. */
function parseWeight(parameter: string | undefined): number {
  if (parameter === undefined) return 1;
  const value = parameter.slice(parameter.indexOf('=') + 1).trim();
  return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(value) ? Number(value) : 0;
}

/** A moment as people of the language write it, always in UTC and saying so: we do not know where the reader is. */
export function formatMoment(moment: Date, locale: Locale): string {
  const format = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
  return `${format.format(moment)} UTC`;
}

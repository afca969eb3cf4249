/**
 * Domain names with non-ASCII letters (RFC 5890, UTS 46): stored in ASCII (`xn--…`), shown to people in Unicode.
 *
 * A name is accepted and shown in Unicode only if it cannot be mistaken for another: each label has letters of a single
 * script (Japanese and Korean may be mixed with Chinese characters), no letter that is almost a Latin one, and not only
 * letters that look Latin (UTS 39, "Highly Restrictive", with a stricter alphabet). Any other name can still be typed
 * as `xn--…` and is shown that way.
 */
import { domainToASCII, domainToUnicode } from 'node:url';

/** Letters of European languages and of Vietnamese; not the dotless i, the long s and the like. */
const LATIN =
  /^(?:[a-z\d\u00df-\u00f6\u00f8-\u0130\u0132-\u0137\u0139-\u0148\u014a-\u017e\u01a0\u01a1\u01af\u01b0\u0218-\u021b\u1ea0-\u1ef9-]|(?<=l)\u00b7(?=l))+$/;
/** Scripts that are written together, or alone. */
const OTHERS = [
  ['Han', 'Hiragana', 'Katakana'],
  ['Han', 'Bopomofo'],
  ['Han', 'Hangul'],
  ...['Arabic', 'Armenian', 'Bengali', 'Cyrillic', 'Devanagari', 'Ethiopic', 'Georgian', 'Greek', 'Gujarati'].map(of),
  ...['Gurmukhi', 'Hebrew', 'Kannada', 'Khmer', 'Lao', 'Malayalam', 'Myanmar', 'Oriya', 'Sinhala', 'Tamil'].map(of),
  ...['Telugu', 'Thaana', 'Thai', 'Tibetan'].map(of),
].map((scripts) => new RegExp(`^[${scripts.map((name) => `\\p{Script_Extensions=${name}}`).join('')}\\d-]+$`, 'u'));
/** Cyrillic, Greek, and Armenian letters that look like Latin ones; a label of these alone reads as Latin. */
const LOOKS_LATIN = /^[\d\-асԁеһіјӏорԛѕԝхуъьҽпгѵѡкмтвзαγειικνορτυχωηօսոհցզԁք]+$/u;

function of(script: string): string[] {
  return [script];
}

/**
 * The name in lowercase ASCII; null if it contains non-ASCII letters and would not be shown as it was typed. The caller
 * checks everything else (dots, lengths).
 */
export function asciiDomain(typed: string): string | null {
  // Not toLowerCase for the whole name, which maps some non-ASCII letters to ASCII (the Kelvin sign becomes k).
  if (/^\p{ASCII}*$/u.test(typed)) return typed.toLowerCase();
  const labels = typed.split('.').map((label) => (/^\p{ASCII}*$/u.test(label) ? label.toLowerCase() : foreign(label)));
  const ascii = labels.join('.');
  return shownDomain(ascii) === typed.normalize('NFC').toLowerCase() ? ascii : null;
}

/** A label with non-ASCII letters must still have some after folding; otherwise returns an empty string. */
function foreign(label: string): string {
  const ascii = domainToASCII(label);
  return ascii.startsWith('xn--') && !ascii.includes('.') ? ascii : '';
}

/** The name as it is shown to people. */
export function shownDomain(ascii: string): string {
  if (!ascii.includes('xn--')) return ascii;
  const labels = ascii.split('.').map((label) => {
    const shown = label.startsWith('xn--') ? domainToUnicode(label) : label;
    return shown !== '' && domainToASCII(shown) === label ? shown : label;
  });
  // Under a top-level domain in the same script, nobody mistakes them for Latin letters.
  const isForeignDomain = isPlain(labels.at(-1) ?? '') && /^\P{ASCII}+$/u.test(labels.at(-1) ?? '');
  return labels
    .map((shown, at) =>
      isPlain(shown) || (isForeignDomain && isOneScript(shown)) ? shown : (ascii.split('.')[at] ?? ''),
    )
    .join('.');
}

function isPlain(label: string): boolean {
  return isOneScript(label) && (LATIN.test(label) || !LOOKS_LATIN.test(label));
}

function isOneScript(label: string): boolean {
  return !/^-|-$/.test(label) && (LATIN.test(label) || OTHERS.some((script) => script.test(label)));
}

/**
 * Domain names with letters from outside ASCII (RFC 5890, UTS 46): kept in ASCII (`xn--…`), shown to people in Unicode.
 *
 * A name is shown in Unicode, and accepted in it, only when it can be taken for no other: each label has letters of one
 * script (Japanese and Korean mix theirs with Chinese characters), none that differs from a Latin letter by a detail,
 * and not only letters that also look Latin (UTS 39, "Highly Restrictive", and a stricter alphabet). Everything else can
 * still be typed as `xn--…` and is shown so.
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
/** A label of these alone reads as a Latin one: the Cyrillic, Greek and Armenian letters that look the same. */
const LOOKS_LATIN = /^[\d\-асԁеһіјӏорԛѕԝхуъьҽпгѵѡкмтвзαγειικνορτυχωηօսոհցզԁք]+$/u;

function of(script: string): string[] {
  return [script];
}

/**
 * The name in ASCII and lower case; null where it holds letters from outside ASCII and would not be shown as it was
 * typed. What else a name must be (dots, lengths) is for the caller to check.
 */
export function asciiDomain(typed: string): string | null {
  // Not toLowerCase for all of it: that maps letters from outside ASCII into it (the Kelvin sign becomes k).
  if (/^\p{ASCII}*$/u.test(typed)) return typed.toLowerCase();
  const labels = typed.split('.').map((label) => (/^\p{ASCII}*$/u.test(label) ? label.toLowerCase() : foreign(label)));
  const ascii = labels.join('.');
  return shownDomain(ascii) === typed.normalize('NFC').toLowerCase() ? ascii : null;
}

/** A label with letters from outside ASCII must still have some when it is folded; empty otherwise. */
function foreign(label: string): string {
  const ascii = domainToASCII(label);
  return ascii.startsWith('xn--') && !ascii.includes('.') ? ascii : '';
}

/** The name as people are shown it. */
export function shownDomain(ascii: string): string {
  if (!ascii.includes('xn--')) return ascii;
  const labels = ascii.split('.').map((label) => {
    const shown = label.startsWith('xn--') ? domainToUnicode(label) : label;
    return shown !== '' && domainToASCII(shown) === label ? shown : label;
  });
  // Below a domain in the same script nobody takes them for Latin letters.
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

/**
 * Cleans up codes and link tokens as people and programs enter them: typed in digits of another script, copied from an
 * email together with invisible characters, or cut from a link with the text around it. Only characters that neither
 * can contain are dropped, so this helps nobody who does not have the code or the token.
 */

/** Far longer than any token. Longer texts are not cleaned up, to bound the work. */
const MAX_TOKEN_TEXT = 512;

/**
 * The code in ASCII digits. Digits of any script are converted (Arabic, full-width). Spaces, dashes, other punctuation,
 * and invisible characters (zero-width, direction marks) are dropped.
 */
export function typedCode(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\p{Z}\p{P}\p{C}\p{M}\u2212]/gu, '')
    .replace(/\p{Nd}/gu, digitOf);
}

/**
 * A link token without white space, invisible characters, the rest of the link (`&lang=en`), and the quotes, brackets,
 * and periods around it.
 */
export function pastedToken(text: string): string {
  if (text.length > MAX_TOKEN_TEXT) return text;
  const [token = ''] = text.replace(/[\p{Z}\p{C}]/gu, '').split('&');
  return token.replace(/^[^A-Za-z0-9_-]+|[^A-Za-z0-9_-]+$/g, '');
}

/** The digits of a script are consecutive code points from 0 to 9 (Unicode, section 4.6); such runs may be adjacent. */
function digitOf(digit: string): string {
  const at = digit.codePointAt(0) ?? 0;
  let before = 0;
  while (/\p{Nd}/u.test(String.fromCodePoint(at - before - 1))) before++;
  return String(before % 10);
}

/**
 * Codes and link tokens as people and programs hand them over: typed on a keyboard of another script, copied out of an
 * email together with invisible marks, or cut from a link with what stands around it. Only what can be part of neither
 * is dropped, so this opens nothing to anyone who does not have the code or the token.
 */

/** No token is nearly as long, and longer texts are not worth the search. */
const MAX_TOKEN_TEXT = 512;

/**
 * The code in ASCII digits. Digits of any script count (Arabic, full-width). Spaces, dashes, other punctuation, and
 * marks that nobody sees (zero-width characters, directions) do not.
 */
export function typedCode(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\p{Z}\p{P}\p{C}\p{M}\u2212]/gu, '')
    .replace(/\p{Nd}/gu, digitOf);
}

/**
 * A link token without white space, marks that nobody sees, what follows it in a link (`&lang=en`), and without the
 * quotes, brackets and full stops around it.
 */
export function pastedToken(text: string): string {
  if (text.length > MAX_TOKEN_TEXT) return text;
  const [token = ''] = text.replace(/[\p{Z}\p{C}]/gu, '').split('&');
  return token.replace(/^[^A-Za-z0-9_-]+|[^A-Za-z0-9_-]+$/g, '');
}

/** Digits of a script stand in a row from 0 to 9 (Unicode, section 4.6), and rows stand next to each other. */
function digitOf(digit: string): string {
  const at = digit.codePointAt(0) ?? 0;
  let before = 0;
  while (/\p{Nd}/u.test(String.fromCodePoint(at - before - 1))) before++;
  return String(before % 10);
}

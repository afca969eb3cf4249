import { isUtf8 } from 'node:buffer';

/**
 * The fields of an application/x-www-form-urlencoded body (WHATWG URL section 5), or null if it is not valid UTF-8:
 * invalid bytes all decode to U+FFFD, so that different passwords would become the same.
 */
export function readForm(body: string): URLSearchParams | null {
  const form = new URLSearchParams(body);
  return [...form].flat().some((text) => text.includes('\ufffd')) ? null : form;
}

/**
 * Whether a path or query string is UTF-8 once its percent-encoding is undone. What is not would be decoded leniently:
 * by one library to U+FFFD, so that different texts become the same, by another not at all.
 */
export function isUtf8Encoded(text: string): boolean {
  const bytes = text.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return isUtf8(Buffer.from(bytes, 'latin1'));
}

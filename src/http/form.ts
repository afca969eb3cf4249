/**
 * The fields of an application/x-www-form-urlencoded body (WHATWG URL section 5), or null if it is not valid UTF-8:
 * invalid bytes all decode to U+FFFD, so that different passwords would become the same.
 */
export function readForm(body: string): URLSearchParams | null {
  const form = new URLSearchParams(body);
  return [...form].flat().some((text) => text.includes('\ufffd')) ? null : form;
}

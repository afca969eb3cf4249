/**
 * The fields of a body in application/x-www-form-urlencoded (WHATWG URL section 5), or null when bytes of it are not
 * UTF-8: what stands for them is U+FFFD, whatever they were, so that different passwords would become one.
 */
export function readForm(body: string): URLSearchParams | null {
  const form = new URLSearchParams(body);
  return [...form].flat().some((text) => text.includes('\ufffd')) ? null : form;
}

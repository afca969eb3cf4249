/** What JSON.parse and a media type leave open, so that two readers of one body could see different requests. */

/**
 * Whether an object of a JSON text has two members of one name. Which of them counts is up to each reader (RFC 8259
 * section 4): a proxy that looks for passwords or addresses may see another one than the service.
 */
export function hasDuplicateKeys(json: string): boolean {
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < json.length; at += 1) {
    const sign = json[at];
    if (sign === '{') open.push(new Set());
    else if (sign === '[') open.push(null);
    else if (sign === '}' || sign === ']') open.pop();
    else if (sign === '"') {
      const end = endOfString(json, at);
      const names = open.at(-1);
      if (names && isKey(json, end)) {
        const name = nameOf(json.slice(at, end));
        if (names.has(name)) return true;
        names.add(name);
      }
      at = end - 1;
    }
  }
  return false;
}

/** After the quote that ends a string: the first one that is not escaped. */
function endOfString(json: string, start: number): number {
  for (let at = start + 1; ; at += 1) {
    at = json.indexOf('"', at);
    if (at < 0) return json.length;
    let backslashes = 0;
    while (json[at - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return at + 1;
  }
}

/** Whether a colon follows, after blanks. */
function isKey(json: string, from: number): boolean {
  let at = from;
  while (json[at] === ' ' || json[at] === '\n' || json[at] === '\r' || json[at] === '\t') at += 1;
  return json[at] === ':';
}

function nameOf(text: string): string {
  if (!text.includes('\\')) return text.slice(1, -1);
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON at all, which the parser will say.
    return text;
  }
}

/** Why a body with these headers is not read; null if it is UTF-8 (RFC 8259 section 8.1) and not compressed. */
export function encodingProblem(contentType: string | null, contentEncoding: string | null): string | null {
  const [, ...parameters] = (contentType ?? '').toLowerCase().split(';');
  if (!parameters.every(isUtf8OrElse)) return 'Send the body in UTF-8.';
  return (contentEncoding || 'identity').toLowerCase() === 'identity' ? null : 'Send the body without compression.';
}

/** Whether a parameter of a media type is something else than a charset, or names UTF-8. */
function isUtf8OrElse(parameter: string): boolean {
  const [name = '', value = ''] = parameter.split('=');
  return name.trim() !== 'charset' || /^"?utf-?8"?$/.test(value.trim());
}

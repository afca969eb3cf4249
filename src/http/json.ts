/** What JSON.parse and a media type leave open, so that two readers of one body could see different requests. */

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]]/gs;

/**
 * Whether an object of a JSON text has two members of one name. Which of them counts is up to each reader (RFC 8259
 * section 4): a proxy that looks for passwords or addresses may see another one than the service.
 */
export function hasDuplicateKeys(json: string): boolean {
  const open: (Set<string> | null)[] = [];
  for (const { 0: token, index } of json.matchAll(TOKEN)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(null);
    else if (token === '}' || token === ']') open.pop();
    else {
      const names = open.at(-1);
      if (!names || !isKey(json, index + token.length)) continue;
      const name = token.includes('\\') ? unescaped(token) : token.slice(1, -1);
      if (names.has(name)) return true;
      names.add(name);
    }
  }
  return false;
}

/** Whether a colon follows, after blanks. */
function isKey(json: string, from: number): boolean {
  let at = from;
  while (json[at] === ' ' || json[at] === '\n' || json[at] === '\r' || json[at] === '\t') at += 1;
  return json[at] === ':';
}

function unescaped(token: string): string {
  try {
    return JSON.parse(token);
  } catch {
    // Not JSON at all, which the parser will say.
    return token;
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

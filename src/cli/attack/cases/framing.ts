/** Requests whose end two servers could see in different places (RFC 9112 section 11.2, request smuggling). */
import type { AttackCase } from '../attack-case.ts';

const BODY = '{"query":"{__typename}"}';

function framed(host: string, headers: readonly string[], body: string, line = 'POST /graphql HTTP/1.1'): string {
  return `${[line, `Host: ${host}`, 'Content-Type: application/json', ...headers].join('\r\n')}\r\n\r\n${body}`;
}

/** Requests with two meanings, or none. */
function ambiguous(host: string): Record<string, string> {
  const length = `Content-Length: ${BODY.length}`;
  const smuggled = `0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
  return {
    'a length and chunks': framed(host, ['Content-Length: 4', 'Transfer-Encoding: chunked'], smuggled),
    'two lengths': framed(host, [length, 'Content-Length: 5'], BODY),
    'a length with a sign': framed(host, [`Content-Length: +${BODY.length}`], BODY),
    'a length that is not a number': framed(host, ['Content-Length: 2x'], BODY),
    'a space before the colon': framed(host, ['Transfer-Encoding : chunked', length], smuggled),
    'an unknown transfer coding': framed(host, ['Transfer-Encoding: xchunked'], smuggled),
    'chunked twice': framed(host, ['Transfer-Encoding: chunked, chunked'], smuggled),
    'a bad chunk length': framed(host, ['Transfer-Encoding: chunked'], `0x18\r\n${BODY}\r\n0\r\n\r\n`),
    'a folded header': framed(host, ['Transfer-Encoding:', ' chunked', length], smuggled),
    'a bare line feed in a header': framed(host, ['X-A: b\nTransfer-Encoding: chunked', length], smuggled),
    'two hosts': framed(host, ['Host: other.example', length], BODY),
    'no host': framed(host, [length], BODY).replace(/Host: .*\r\n/, ''),
    'a NUL in a header': framed(host, ['X-A: a\0b', length], BODY),
  };
}

export const FRAMING: AttackCase = {
  name: 'request framing',
  holds: 'A request that could be read in two ways is refused, and its connection is closed.',
  means: 'A proxy and the service may see different requests, so someone can slip requests into those of others.',
  run: async (target) => {
    const found: string[] = [];
    for (const [name, bytes] of Object.entries(ambiguous(target.url.host))) {
      const answer = await target.raw(bytes);
      const statuses = [...answer.matchAll(/^HTTP\/1\.[01] (\d{3})/gm)].map(([, status]) => Number(status));
      // A connection that is closed without an answer is a refusal, too.
      if (statuses.length > 1) found.push(`A request with ${name} was read as ${statuses.length}.`);
      if (statuses.some((status) => status < 400 || status >= 500)) {
        found.push(`A request with ${name} was answered with ${statuses.join(' and ')}.`);
      }
    }
    return found;
  },
};

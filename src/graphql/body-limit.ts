/**
 * Bodies of a bounded size. Yoga's own limit counts the bytes of every body as they come, through two streams, which is
 * a third of what a request costs; here only bodies that do not tell their length are counted.
 */
import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';

export function bodyLimit(maxBytes: number): Plugin {
  return {
    onRequestParse({ request, requestParser, setRequestParser, fetchAPI }) {
      const length = request.headers.get('content-length');
      if (length !== null) {
        // node:http hands over no more than this (RFC 9112 section 6.3).
        if (!/^\d{1,15}$/.test(length) || Number(length) > maxBytes) throw tooLarge();
        return;
      }
      if (requestParser === undefined || request.body === null) return;
      setRequestParser(async (streamed) => {
        const { url, method, headers, body } = streamed;
        return requestParser(new fetchAPI.Request(url, { method, headers, body: await readAtMost(maxBytes, body) }));
      });
    },
  };
}

async function readAtMost(maxBytes: number, body: ReadableStream<Uint8Array> | null): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Not `for await`: leaving it would end the connection before the refusal is sent.
  const reader = body?.getReader();
  for (let next = await reader?.read(); next?.value !== undefined; next = await reader?.read()) {
    bytes += next.value.byteLength;
    if (bytes > maxBytes) throw tooLarge();
    chunks.push(next.value);
  }
  return Buffer.concat(chunks).toString();
}

function tooLarge(): GraphQLError {
  const extensions = { code: 'REQUEST_ENTITY_TOO_LARGE', http: { status: 413 } };
  return new GraphQLError('The request is too large.', { extensions });
}

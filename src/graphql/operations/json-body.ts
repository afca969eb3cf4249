/**
 * The body of an operation: JSON in UTF-8 (RFC 8259 section 8.1) of a bounded size. In place of Yoga's own reader,
 * which takes bytes that are not UTF-8 for U+FFFD, so that different passwords become one.
 */
import { isUtf8 } from 'node:buffer';
import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { encodingProblem, hasDuplicateKeys } from '#http/json.ts';

const BYTE_ORDER_MARK = '\ufeff';

/** The largest operation, its variables included. */
export const MAX_BODY_BYTES = 100_000;

/** JSON bodies only: a form of a foreign site can post the others without asking. */
export function jsonBody(): Plugin {
  return {
    onRequestParse({ request, setRequestParser }) {
      if (request.method !== 'POST') return;
      const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
      if (type !== 'application/json') throw refusal('Send the operation as application/json.', 'BAD_REQUEST', 415);
      const problem = encodingProblem(request.headers.get('content-type'), request.headers.get('content-encoding'));
      if (problem !== null) throw refusal(problem, 'BAD_REQUEST', 415);
      if (Number(request.headers.get('content-length') ?? 0) > MAX_BODY_BYTES) throw tooLarge();
      setRequestParser(async (whole) => {
        const body = await bytesOf(whole);
        if (body.byteLength > MAX_BODY_BYTES) throw tooLarge();
        return paramsOf(body);
      });
    },
  };
}

/** Nothing of a body that ends too early: the client hung up, and hears no answer. */
async function bytesOf(request: Request): Promise<Buffer> {
  try {
    return Buffer.from(await request.arrayBuffer());
  } catch {
    return Buffer.alloc(0);
  }
}

/** The parameters of an operation. Fails with a refusal for bytes that are not JSON. */
export function paramsOf(body: Buffer) {
  if (!isUtf8(body)) throw refusal('The body is not UTF-8.', 'BAD_REQUEST', 400);
  // RFC 8259 section 8.1: a mark in front may be ignored.
  const whole = body.toString();
  const text = whole.startsWith(BYTE_ORDER_MARK) ? whole.slice(1) : whole;
  try {
    const params = JSON.parse(text);
    if (hasDuplicateKeys(text)) throw refusal('The body names something twice.', 'BAD_REQUEST', 400);
    // Absent, null and empty are one, as in a GET.
    return params?.operationName === '' ? { ...params, operationName: null } : params;
  } catch (error) {
    if (error instanceof GraphQLError) throw error;
    throw refusal('The body is not JSON.', 'BAD_REQUEST', 400);
  }
}

function tooLarge(): GraphQLError {
  return refusal('The request is too large.', 'REQUEST_ENTITY_TOO_LARGE', 413);
}

/** A request that is not an operation: the same answer for every client. @param headers of the answer */
export function refusal(message: string, code: string, status: number, headers?: Record<string, string>): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { status, ...(headers && { headers }) } } });
}

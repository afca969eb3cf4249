/**
 * Answers what nearly every request to GraphQL is, a POST with a JSON body, without Yoga's HTTP layer, which costs more
 * than everything else in a `me`. The operation runs as it does behind Yoga (operations.ts). Whatever is unusual about
 * a request is left to Yoga as a whole, so that both ways give the same answer.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { ExecutionResult } from 'graphql';
import { type GraphQLParams, processRegularResult } from 'graphql-yoga';
import { LRUCache } from 'lru-cache';
import type { Config } from '#config/config.ts';
import type { Ctx } from '#core/context.ts';
import { crossOriginHeaders } from '#http/cross-origin.ts';
import { MAX_BODY_BYTES, paramsOf } from './json-body.ts';
import type { Operations } from './operations.ts';
import type { Graphql } from './yoga.ts';

export type PlainPost = {
  /** Whether a POST with these headers can be answered here. */
  takes: (headers: IncomingHttpHeaders) => boolean;
  /** @param whole makes a web request of it, for the answers that Yoga has to give */
  answer: (headers: IncomingHttpHeaders, body: Buffer, ctx: Ctx, whole: () => Request) => Promise<PlainAnswer>;
};

/** An answer as node:http takes it: names and values of the headers in turn. */
export type PlainAnswer = { status: number; headers: string[]; body: string };

const CONTENT_TYPE = /^application\/json(?:; ?charset=utf-8)?$/i;

/** The media types of answers that are not streams, as Yoga names them; the first is the better one. */
const MEDIA_TYPES = ['application/graphql-response+json', 'application/json'] as const;
type MediaType = (typeof MEDIA_TYPES)[number];

/** Clients of one kind send the same `Accept`. Those that make it up cannot fill the memory. */
const ACCEPTS_KEPT = 100;
const LONGEST_ACCEPT = 300;

export function createPlainPost(graphql: Graphql, { identify, run }: Operations, config: Config): PlainPost {
  const negotiated = new LRUCache<string, MediaType | 'another'>({ max: ACCEPTS_KEPT });

  function mediaTypeFor(accept = '*/*'): MediaType | 'another' {
    if (accept.length > LONGEST_ACCEPT) return 'another';
    const known = negotiated.get(accept);
    if (known !== undefined) return known;
    const mediaType = negotiate(accept);
    negotiated.set(accept, mediaType);
    return mediaType;
  }

  return {
    takes: (headers) =>
      CONTENT_TYPE.test(headers['content-type'] ?? '') &&
      Number(headers['content-length']) <= MAX_BODY_BYTES &&
      headers['content-encoding'] === undefined &&
      mediaTypeFor(headers.accept) !== 'another',
    answer: async (headers, body, ctx, whole) => {
      const throughYoga = async () => answerOf(await graphql.fetch(whole(), { ctx }));
      const mediaType = mediaTypeFor(headers.accept);
      if (mediaType === 'another') return throughYoga();
      const params = ordinaryParams(body, identify);
      if (params === null) return throughYoga();
      const result = await run(params, 'POST', ctx);
      const answer = isPlainResult(result)
        ? plainAnswer(JSON.stringify(result), mediaType)
        : await answerOf(processRegularResult(result, graphql.fetchAPI, mediaType));
      for (const [name, value] of Object.entries(crossOriginHeaders(config, headers.origin ?? null, 'POST'))) {
        answer.headers.push(name, value);
      }
      return answer;
    },
  };
}

const POST = { method: 'POST', url: '' };

/** The parameters of an operation that Yoga would run; null for what it refuses, or might. */
function ordinaryParams(body: Buffer, identify: Operations['identify']): GraphQLParams | null {
  try {
    const params = identify(paramsOf(body), POST);
    return isOrdinary(params) ? params : null;
  } catch {
    return null;
  }
}

function isOrdinary(params: unknown): params is GraphQLParams {
  if (!isObject(params)) return false;
  const { query, variables, operationName, extensions, ...others } = params;
  return (
    typeof query === 'string' &&
    (operationName == null || typeof operationName === 'string') &&
    (variables == null || isObject(variables)) &&
    (extensions == null || isObject(extensions)) &&
    Object.keys(others).length === 0
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether Yoga would send the result as it is, with status 200. */
function isPlainResult(result: ExecutionResult): boolean {
  return !('errors' in result) && !('extensions' in result);
}

function plainAnswer(body: string, mediaType: MediaType): PlainAnswer {
  const length = String(Buffer.byteLength(body));
  return { status: 200, headers: ['content-type', `${mediaType}; charset=utf-8`, 'content-length', length], body };
}

async function answerOf(response: Response): Promise<PlainAnswer> {
  return { status: response.status, headers: [...response.headers].flat(), body: await response.text() };
}

/** As Yoga negotiates: the first one that is accepted, whatever its weight. */
function negotiate(accept: string): MediaType | 'another' {
  const ranges = accept.replace(/\s/g, '').toLowerCase().split(',');
  for (const range of ranges) {
    const [type = '', ...parameters] = range.split(';');
    const charset = parameters.find((parameter) => parameter.includes('charset='));
    if (charset !== undefined && charset !== 'charset=utf-8') continue;
    const accepted = MEDIA_TYPES.findLast((mediaType) => matches(type, mediaType));
    if (accepted !== undefined) return accepted;
  }
  return 'another';
}

function matches(range: string, mediaType: MediaType): boolean {
  const [type, subtype] = range.split('/');
  const [ourType, ourSubtype] = mediaType.split('/');
  return (type === '*' || type === ourType) && (subtype === '*' || subtype === ourSubtype);
}

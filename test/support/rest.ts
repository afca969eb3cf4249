/** Requests to the REST APIs, as the clients of their documents send them. */
import { z } from 'zod';
import type { Latchkey } from './latchkey.ts';

export type Answer = {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what a JSON answer holds is what the tests find out
  body: any;
};
export type Sending = { bearer?: string; ip?: string; headers?: Record<string, string>; method?: string };

/** As much of an OpenAPI document as is needed to hold answers against it. */
export type OpenApi = {
  paths: Record<
    string,
    Record<string, { responses: Record<string, { content?: Record<string, { schema: object }> }> }>
  >;
  components: { schemas: Record<string, object> };
};

export type RestClient = {
  /** A JSON body. */
  post: (path: string, body: unknown, sending?: Sending) => Promise<Answer>;
  /** A form, as curl's `-d` sends it. */
  form: (path: string, body: string | Record<string, string>, sending?: Sending) => Promise<Answer>;
  get: (path: string, sending?: Sending) => Promise<Answer>;
  /** Whatever. */
  send: (path: string, init: RequestInit, ip?: string) => Promise<Answer>;
};

/** A client that also holds every answer against `/openapi.json`: what is not documented fails the test. */
export function restClient(latchkey: Latchkey): RestClient {
  const send: RestClient['send'] = async (path, init, ip) => {
    const response = await latchkey.fetch(path, init, ip);
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
    const answer = {
      status: response.status,
      headers: response.headers,
      body: text !== '' && isJson ? JSON.parse(text) : text,
    };
    const known = await documentOf(latchkey);
    if (known !== null) {
      expectDocumented(known, init.method ?? 'GET', new URL(path, 'http://localhost').pathname, answer);
    }
    return answer;
  };
  const headersOf = ({ bearer, headers }: Sending, type?: string) => ({
    ...(type === undefined ? {} : { 'content-type': type }),
    ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    ...headers,
  });
  return {
    send,
    post: (path, body, sending = {}) =>
      send(
        path,
        {
          method: sending.method ?? 'POST',
          headers: headersOf(sending, 'application/json'),
          body: JSON.stringify(body),
        },
        sending.ip,
      ),
    form: (path, body, sending = {}) =>
      send(
        path,
        {
          method: 'POST',
          headers: headersOf(sending, 'application/x-www-form-urlencoded'),
          body: typeof body === 'string' ? body : new URLSearchParams(body).toString(),
        },
        sending.ip,
      ),
    get: (path, sending = {}) =>
      send(path, { method: sending.method ?? 'GET', headers: headersOf(sending) }, sending.ip),
  };
}

const ANYTHING = {};
const documents = new WeakMap<Latchkey, Promise<OpenApi | null>>();

function documentOf(latchkey: Latchkey): Promise<OpenApi | null> {
  const known = documents.get(latchkey);
  if (known !== undefined) return known;
  const asked = latchkey.fetch('/openapi.json').then((answer) => (answer.ok ? answer.json() : null));
  documents.set(latchkey, asked);
  return asked;
}

/** Schemas that were made already: making one takes longer than most requests. */
const schemas = new WeakMap<object, z.ZodType>();

/** Fails when the document knows the operation, but not with such an answer. */
export function expectDocumented(document: OpenApi, method: string, path: string, { status, body }: Answer): void {
  const bare = (text: string) => text.replace(/(?<=.)\/$/, '');
  const found = Object.entries(document.paths).find(([template]) =>
    new RegExp(`^${bare(template).replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(bare(path)),
  );
  const operation = found?.[1][method.toLowerCase()];
  if (operation === undefined) return;
  const documented = operation.responses[status];
  if (documented === undefined) throw new Error(`${method} ${path} answers ${status}, which is not documented`);
  const schema = documented.content?.['application/json']?.schema;
  const result = schemaOf(document, schema ?? ANYTHING).safeParse(body);
  if (!result.success) throw new Error(`${method} ${path} ${status}: ${result.error.message} ${JSON.stringify(body)}`);
}

/** A schema of the document as something that parses; strict, so that a key which is not documented is found. */
export function schemaOf(document: OpenApi, schema: object): z.ZodType {
  const known = schemas.get(schema) ?? makeSchema(document, schema);
  schemas.set(schema, known);
  return known;
}

function makeSchema(document: OpenApi, schema: object): z.ZodType {
  const resolved = JSON.stringify(schema, (_, part) => {
    const name = typeof part?.$ref === 'string' ? part.$ref.replace('#/components/schemas/', '') : undefined;
    const target = name === undefined ? part : document.components.schemas[name];
    if (target === undefined) throw new Error(`${part.$ref} leads nowhere`);
    return target?.type === 'object' ? { additionalProperties: false, ...target } : target;
  });
  return z.fromJSONSchema(JSON.parse(resolved));
}

/** What a JWT says, unchecked. */
export function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

/** Three parts of base64url, as every JWT has them. */
export const A_JWT = /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/;

/** Requests to the REST APIs, as the clients of their documents send them. */
import type { Latchkey } from './latchkey.ts';

export type Answer = {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what a JSON answer holds is what the tests find out
  body: any;
};
export type Sending = { bearer?: string; ip?: string; headers?: Record<string, string>; method?: string };

export type RestClient = {
  /** A JSON body. */
  post: (path: string, body: unknown, sending?: Sending) => Promise<Answer>;
  /** A form, as curl's `-d` sends it. */
  form: (path: string, body: string | Record<string, string>, sending?: Sending) => Promise<Answer>;
  get: (path: string, sending?: Sending) => Promise<Answer>;
  /** Whatever. */
  send: (path: string, init: RequestInit, ip?: string) => Promise<Answer>;
};

export function restClient(latchkey: Latchkey): RestClient {
  const send: RestClient['send'] = async (path, init, ip) => {
    const response = await latchkey.fetch(path, init, ip);
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
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

/** What a JWT says, unchecked. */
export function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

/** Three parts of base64url, as every JWT has them. */
export const A_JWT = /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/;

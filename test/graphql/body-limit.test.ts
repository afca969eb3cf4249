/** How much of a body is read, over real HTTP, where a body may come in pieces without telling its length. */
import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OverHttp, startOverHttp } from '../support/http.ts';

let http: OverHttp;
beforeAll(async () => {
  http = await startOverHttp();
});
afterAll(() => http.close());

const OPERATION = '{"query":"{ me { id } }"}';
const tooMuch = OPERATION.padEnd(100_001, ' ');

/** Posts the pieces one after the other; stops writing when the answer is there. */
function post(pieces: string[], headers: Record<string, string>): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const call = request(`${http.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
    });
    call.on('error', reject);
    call.on('response', async (response) => {
      let body = '';
      for await (const chunk of response) body += chunk;
      resolve({ status: response.statusCode ?? 0, body });
    });
    for (const piece of pieces) call.write(piece);
    call.end();
  });
}

const chunked = { 'transfer-encoding': 'chunked' };

test('a body within the limit is answered, whether it tells its length or not', async () => {
  for (const headers of [chunked, { 'content-length': String(OPERATION.length) }]) {
    expect(await post([OPERATION.slice(0, 9), OPERATION.slice(9)], headers)).toEqual({
      status: 200,
      body: '{"data":{"me":null}}',
    });
  }
});

test('a body over the limit is refused, whether it tells its length or not', async () => {
  for (const headers of [chunked, { 'content-length': String(tooMuch.length) }]) {
    const { status, body } = await post([tooMuch.slice(0, 60_000), tooMuch.slice(60_000)], headers);
    expect(status).toBe(413);
    expect(JSON.parse(body).errors[0].extensions.code).toBe('REQUEST_ENTITY_TOO_LARGE');
  }
});

test('characters cut in two by the pieces come out whole', async () => {
  const bytes = Buffer.from('{"query":"{ me { id } } # ü"}');
  const middle = bytes.indexOf(0xc3) + 1;
  const answer = await new Promise<number>((resolve, reject) => {
    const call = request(`${http.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...chunked },
    });
    call.on('error', reject);
    call.on('response', (response) => resolve(response.resume().statusCode ?? 0));
    call.write(bytes.subarray(0, middle));
    setTimeout(() => call.end(bytes.subarray(middle)), 20);
  });
  expect(answer).toBe(200);
});

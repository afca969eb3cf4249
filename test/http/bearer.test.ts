/** An Authorization header that is not one token: refused like a wrong token, by every face, over a real connection. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OverHttp, startOverHttp } from '../support/http.ts';
import type { Person } from '../support/latchkey.ts';
import { BILLING, basic, SERVICE_CLIENTS } from '../support/oauth.ts';
import { openSocket } from '../support/socket.ts';

describe('an Authorization header', () => {
  let service: OverHttp;
  let person: Person;
  beforeAll(async () => {
    service = await startOverHttp(SERVICE_CLIENTS);
    person = await service.latchkey.person();
  });
  afterAll(() => service.close());

  let asked = 0;
  /** The whole answer to a request with these header lines, as it comes over the wire. */
  const exchange = async (start: string, lines: string[], body = '') => {
    const socket = await openSocket(service.port);
    // Each from another network: wrong secrets of services are counted.
    const from = `x-forwarded-for: 198.51.100.${++asked}`;
    const headers = [
      'host: localhost',
      'connection: close',
      from,
      `content-length: ${Buffer.byteLength(body)}`,
      ...lines,
    ];
    socket.write(`${start} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n${body}`);
    await socket.closed;
    const text = socket.received();
    const [, challenge] = /^www-authenticate: (.*?)\r$/im.exec(text) ?? [];
    return { status: Number(text.slice(9, 12)), challenge, body: text.slice(text.indexOf('\r\n\r\n') + 4) };
  };
  const graphql = (lines: string[], isGet = false) => {
    const body = JSON.stringify({ query: '{ viewer: me { id } }' });
    const type = ['content-type: application/json', 'accept: application/graphql-response+json'];
    return isGet
      ? exchange(`GET /graphql?query=${encodeURIComponent('{ me { id } }')}`, [
          ...type,
          'apollo-require-preflight: 1',
          ...lines,
        ])
      : exchange('POST /graphql', [...type, ...lines], body);
  };
  const form = (path: string, lines: string[], fields = '') =>
    exchange(
      `POST ${path}`,
      ['content-type: application/x-www-form-urlencoded', ...lines],
      `token=${person.accessToken}${fields}`,
    );
  const bearer = () => `authorization: Bearer ${person.accessToken}`;
  const BAD: [name: string, lines: () => string[]][] = [
    ['no token', () => ['authorization: Bearer']],
    ['no token and a blank', () => ['authorization: Bearer ']],
    ['two words', () => [`${bearer()} x`]],
    ['the token as the second word', () => [bearer().replace('Bearer ', 'Bearer x ')]],
    ['two blanks', () => [bearer().replace('Bearer ', 'Bearer  ')]],
    ['a tab', () => [bearer().replace('Bearer ', 'Bearer\t')]],
    ['a comma', () => [`${bearer()},`]],
    ['padding', () => [`${bearer()}=`]],
    ['twice the same', () => [bearer(), bearer()]],
    ['a good one and a bad one', () => [bearer(), 'authorization: Bearer x']],
    ['a bad one and a good one', () => ['authorization: Bearer x', bearer()]],
    ['another scheme and a good one', () => [`authorization: ${basic('a', 'b')}`, bearer()]],
    ['the scheme twice', () => [bearer().replace('Bearer ', 'Bearer Bearer ')]],
  ];

  test.each(BAD)('with %s is a wrong token, not the absence of one', async (_, lines) => {
    for (const isGet of [false, true]) {
      const { body } = await graphql(lines(), isGet);
      expect(JSON.parse(body).errors[0].extensions).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'TOKEN_INVALID' });
    }
    const rest = await exchange('GET /auth/me', lines());
    expect([rest.status, rest.challenge]).toEqual([401, 'Bearer error="invalid_token"']);
    // A service has a secret, not a bearer token; its secret in the body does not make up for the header.
    for (const path of ['/oauth/introspect', '/oauth/revoke']) {
      const service = await form(path, lines(), `&client_id=billing&client_secret=${encodeURIComponent(BILLING)}`);
      expect([service.status, service.challenge]).toEqual([401, 'Basic realm="latchkey"']);
    }
  });

  test('that is right is accepted, one of another scheme counts as none', async () => {
    expect(JSON.parse((await graphql([bearer()])).body).data.viewer.id).toBe(person.id);
    expect(JSON.parse((await graphql([bearer().replace('Bearer', 'bEARER')])).body).data.viewer.id).toBe(person.id);
    expect(JSON.parse((await graphql([`authorization: ${basic('a', 'b')}`])).body)).toEqual({ data: { viewer: null } });
    const none = await exchange('GET /auth/me', []);
    expect([none.status, none.challenge]).toEqual([401, 'Bearer']);
  });

  test('of a service that is twice there, or not exactly base64, names no client', async () => {
    const right = `authorization: ${basic('billing', BILLING)}`;
    expect((await form('/oauth/introspect', [right])).status).toBe(200);
    for (const lines of [
      [right, right],
      [`${right}=`],
      [`${right} x`],
      [right.replace('Basic ', 'Basic  ')],
      ['authorization: Basic'],
      [`authorization: Basic ${Buffer.from([0xff, 0x3a, 0x61]).toString('base64')}`],
    ]) {
      expect([lines, (await form('/oauth/introspect', lines)).status]).toEqual([lines, 401]);
    }
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bearerTokenOf, clientAddress, trustedProxies } from '../../src/http/request.ts';

describe('the client address', () => {
  const trusted = trustedProxies(['10.0.0.0/8', '192.0.2.1', '2001:db8::/32']);
  test.each([
    ['no proxy is trusted by what it says', '198.51.100.1', '203.0.113.7', '198.51.100.1'],
    ['a trusted proxy tells the client', '10.1.2.3', '203.0.113.7', '203.0.113.7'],
    ['the right-most hop that is not ours wins', '10.1.2.3', '1.1.1.1, 203.0.113.7, 192.0.2.1', '203.0.113.7'],
    ['a made-up hop is not believed', '10.1.2.3', 'evil, 10.9.9.9', '10.9.9.9'],
    ['nothing said', '10.1.2.3', '', '10.1.2.3'],
    ['IPv4 in IPv6', '::ffff:10.1.2.3', '::ffff:203.0.113.7', '203.0.113.7'],
    ['IPv6', '2001:db8::1', '2001:4860::7', '2001:4860::7'],
  ])('%s', (_, remote, forwarded, expected) => expect(clientAddress(remote, forwarded, trusted)).toBe(expected));

  test('whatever a client sends through a proxy, the hop the proxy added is the one that counts', () => {
    fc.assert(
      fc.property(fc.string(), (made) => clientAddress('10.0.0.1', `${made}, 203.0.113.7`, trusted) === '203.0.113.7'),
    );
  });
});

describe('the bearer token', () => {
  test.each([
    [null, null],
    ['', null],
    ['Bearer', null],
    ['Bearer ', null],
    ['Bearer abc', 'abc'],
    ['bearer   abc ', 'abc'],
    ['Basic abc', null],
    ['Bearer a b', null],
  ])('of %j is %j', (header, token) => expect(bearerTokenOf(header)).toBe(token));
});

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientAddress } from '#http/client-address.ts';
import { trustedProxies } from '#http/request.ts';
import { LoginDocument } from '../generated/graphql.ts';
import { type Latchkey, startLatchkey } from '../support/latchkey.ts';

const trusted = trustedProxies(['10.0.0.0/8', '192.0.2.1', '2001:db8::/32']);

/** The address behind the proxy 10.0.0.1, or behind another. */
const fromHeader = (header: string) => (value: string | null, remoteAddress: string) =>
  clientAddress({ remoteAddress, header, value, trusted });
const forwardedFor = fromHeader('x-forwarded-for');
const forwarded = fromHeader('forwarded');

describe('the client address by X-Forwarded-For', () => {
  test.each([
    ['no proxy is trusted by what it says', '198.51.100.1', '203.0.113.7', '198.51.100.1'],
    ['a trusted proxy tells the client', '10.1.2.3', '203.0.113.7', '203.0.113.7'],
    ['the right-most hop that is not ours wins', '10.1.2.3', '1.1.1.1, 203.0.113.7, 192.0.2.1', '203.0.113.7'],
    ['a made-up hop is not believed', '10.1.2.3', 'evil, 10.9.9.9', '10.9.9.9'],
    ['nor is anything left of it', '10.1.2.3', '203.0.113.7, unknown', '10.1.2.3'],
    ['nothing said', '10.1.2.3', '', '10.1.2.3'],
    ['no header', '10.1.2.3', null, '10.1.2.3'],
    ['IPv4 in IPv6', '::ffff:10.1.2.3', '::ffff:203.0.113.7', '203.0.113.7'],
    ['IPv4 in IPv6, in hexadecimal', '::FFFF:a01:203', '::ffff:cb00:7107', '203.0.113.7'],
    ['IPv6', '2001:db8::1', '2001:4860::7', '2001:4860::7'],
    ['one form of an IPv6 address', '10.1.2.3', '2001:4860:0:0:0:0:0:00AB', '2001:4860::ab'],
    ['IPv4 with a port, as Azure writes it', '10.1.2.3', '198.51.100.2:40001', '198.51.100.2'],
    ['IPv6 with a port', '10.1.2.3', '[2001:4860::7]:443', '2001:4860::7'],
    ['IPv6 in brackets', '10.1.2.3', '[2001:4860::7]', '2001:4860::7'],
    ['quoted', '10.1.2.3', '"203.0.113.7"', '203.0.113.7'],
    ['quoted, with brackets and a port', '10.1.2.3', '"[2001:4860::7]:443"', '2001:4860::7'],
    ['a trailing comma', '10.1.2.3', '203.0.113.7,', '203.0.113.7'],
    ['commas in between', '10.1.2.3', ', 203.0.113.7 ,, 10.0.0.9 , ', '203.0.113.7'],
    ['trusted hops with ports', '10.1.2.3', '203.0.113.7:1, 10.4.4.4:8080, [2001:db8::5]:9', '203.0.113.7'],
    ['a host name is not an address', '10.1.2.3', 'localhost', '10.1.2.3'],
    ['nor is half of one', '10.1.2.3', '203.0.113', '10.1.2.3'],
    ['nor one in brackets', '10.1.2.3', '[203.0.113.7', '10.1.2.3'],
  ])('%s', (_, remote, value, expected) => expect(forwardedFor(value, remote)).toBe(expected));

  test('Forwarded is not read beside it', () => {
    const value = (name: string) => (name === 'forwarded' ? 'for=203.0.113.7' : null);
    expect(forwardedFor(value('x-forwarded-for'), '10.1.2.3')).toBe('10.1.2.3');
  });
});

describe('the client address by Forwarded (RFC 7239)', () => {
  test.each([
    ['a plain node', 'for=203.0.113.7', '203.0.113.7'],
    ['any case, any order', 'Proto=https;FOR=203.0.113.7;by=10.0.0.1', '203.0.113.7'],
    ['IPv6 is quoted', 'for="[2001:4860::7]"', '2001:4860::7'],
    ['with a port', 'for="[2001:4860::7]:4711"', '2001:4860::7'],
    ['with a port that is hidden', 'for="203.0.113.7:_gazonk"', '203.0.113.7'],
    ['several hops', 'for=1.1.1.1, for=203.0.113.7;proto=https, for=10.4.4.4', '203.0.113.7'],
    ['a comma and a semicolon inside quotes', 'for=203.0.113.7;host="a, for=6.6.6.6;b"', '203.0.113.7'],
    ['an escaped quote', 'for=203.0.113.7;host="a\\", for=6.6.6.6;b=\\""', '203.0.113.7'],
    ['a hidden client', 'for=203.0.113.7, for=_hidden', '10.1.2.3'],
    ['an unknown client', 'for=unknown', '10.1.2.3'],
    ['an element that does not name the client', 'for=203.0.113.7, proto=https', '10.1.2.3'],
    ['a list of addresses is not one of this kind', '203.0.113.7', '10.1.2.3'],
    ['a quote that a client opened', 'for="6.6.6.6, for=203.0.113.7', '203.0.113.7'],
    ['a quote that a client opened, before one of the proxy', 'x="\\, for="[2001:4860::7]:1";by="a,b"', '2001:4860::7'],
  ])('%s', (_, value, expected) => expect(forwarded(value, '10.1.2.3')).toBe(expected));
});

describe('the peer of a Unix socket', () => {
  const through = (value: string | null, list: readonly string[]) =>
    clientAddress({ remoteAddress: '', header: 'x-forwarded-for', value, trusted: trustedProxies(list) });

  test('is a proxy if the settings say so, and someone without an address otherwise', () => {
    expect(through('198.51.100.7, 203.0.113.7', ['unix'])).toBe('203.0.113.7');
    expect(through('203.0.113.7, 10.0.0.1', ['unix', '10.0.0.0/8'])).toBe('203.0.113.7');
    for (const value of [null, '', 'unknown']) expect(through(value, ['unix'])).toBeNull();
    expect(through('203.0.113.7', ['10.0.0.0/8'])).toBeNull();
    expect(through('203.0.113.7', ['0.0.0.0/0', '::/0'])).toBeNull();
  });
});

describe('whatever a client sends through a proxy', () => {
  const made = fc.oneof(fc.string(), fc.stringMatching(/^[for=.,;:"'\\[\]0-9 ]{0,60}$/));
  const port = fc.option(fc.integer({ min: 0, max: 65_535 }));
  const address = fc.oneof(
    fc.ipV4().map((ip) => ({ ip, node: ip })),
    fc.ipV6().map((ip) => ({ ip, node: `[${ip}]` })),
  );
  const host = fc.string().map((text) => `"${text.replace(/[\\"]/g, '\\$&')}"`);

  test('the hop the proxy added counts, in either header and in every form', () => {
    fc.assert(
      fc.property(made, address, port, host, (sent, { ip, node }, ofPort, quoted) => {
        const withPort = ofPort === null ? node : `${node}:${ofPort}`;
        const plain = clientAddress({ remoteAddress: ip, header: 'x-forwarded-for', value: null, trusted });
        fc.pre(plain !== null && !trusted.addresses.check(plain, plain.includes(':') ? 'ipv6' : 'ipv4'));
        expect(forwardedFor(`${sent}, ${withPort}`, '10.0.0.1')).toBe(plain);
        expect(forwardedFor(`${sent}, "${withPort}",`, '10.0.0.1')).toBe(plain);
        expect(forwarded(`${sent}, for="${withPort}";host=${quoted}`, '10.0.0.1')).toBe(plain);
        expect(forwarded(`${sent},host=${quoted};for="${withPort}"`, '10.0.0.1')).toBe(plain);
      }),
      { numRuns: 1000 },
    );
  });
});

describe.each([
  ['x-forwarded-for', {}, (ip: string) => ({ 'x-forwarded-for': `${ip}:40001` })],
  ['forwarded', { CLIENT_IP_HEADER: 'Forwarded' }, (ip: string) => ({ forwarded: `for="${ip}:40001";proto=https` })],
] as const)('clients behind one proxy that sends %s', (_, env, headers) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ env });
  });
  afterAll(() => latchkey.close());

  const attempt = async (ip: string) => {
    const input = { identifier: 'nobody@example.test', password: 'not the password' };
    const { login } = await latchkey.ask(LoginDocument, { input }, { headers: headers(ip) });
    return login.__typename;
  };

  test('have budgets of their own', async () => {
    for (let tries = 0; tries < 5; tries++) expect(await attempt('198.51.100.2')).toBe('InvalidCredentialsError');
    expect(await attempt('198.51.100.2')).toBe('TooManyAttemptsError');
    expect(await attempt('198.51.100.3')).toBe('InvalidCredentialsError');
    expect(latchkey.logged()).toContain('"ip":"198.51.100.3"');
  });
});

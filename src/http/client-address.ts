/**
 * The IP address of the client: that of the connection, or the one that trusted proxies pass in a header. The peer of a
 * Unix socket has none, and may be a trusted proxy all the same.
 *
 * Only the header named by CLIENT_IP_HEADER is trusted, and it is read from the right: anything left of the entry of
 * the outermost trusted proxy may be forged.
 */
import { type BlockList, isIP, isIPv4, isIPv6, SocketAddress } from 'node:net';

/** The header of RFC 7239; any other header is a list of addresses, like X-Forwarded-For. */
const FORWARDED = 'forwarded';

/** What a request says about its origin, and which proxies to trust. */
export type Hops = {
  /** The IP address of the connection; empty for a Unix socket. */
  remoteAddress: string;
  /** The name of the header in lowercase, and its value; null if it is absent. */
  header: string;
  value: string | null;
  trusted: TrustedProxies;
};

/** By their addresses, and whether everyone who may connect to the Unix socket is one. */
export type TrustedProxies = { addresses: BlockList; unixPeers: boolean };

/**
 * The right-most address that is not a trusted proxy; that of the connection if it is not a trusted proxy itself. Null
 * if that has none.
 */
export function clientAddress({ remoteAddress, header, value, trusted }: Hops): string | null {
  let address = canonicalAddress(remoteAddress) ?? remoteAddress;
  if (value === null) return address || null;
  const hops = hopsOf(header, value);
  while (isTrusted(address, trusted)) {
    const next = hops.pop();
    // If a hop is not an address (`unknown`, `_hidden`, nonsense), neither it nor anything left of it can be trusted.
    if (next === undefined || next === null) break;
    address = next;
  }
  return address || null;
}

/** The addresses from the client to the last proxy; null for a hop without one. Empty entries are ignored. */
function hopsOf(header: string, value: string): (string | null)[] {
  const entries = splitOutsideQuotes(value, ',').filter((entry) => entry !== '');
  return entries.map((entry) => addressOfNode(header === FORWARDED ? forOf(entry) : entry));
}

/** The `for` parameter of an element of a Forwarded header (RFC 7239 section 4); empty if there is none. */
function forOf(element: string): string {
  const pairs = splitOutsideQuotes(element, ';').map((pair) => /^for=(.*)$/is.exec(pair)?.[1]);
  return pairs.find((node) => node !== undefined) ?? '';
}

/**
 * The address of a node as proxies write it, quoted or not: `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`,
 * `[2001:db8::1]`, `[2001:db8::1]:443` (RFC 7239 section 6). Null for anything else.
 */
function addressOfNode(node: string): string | null {
  const plain = node.replace(/^"(.*)"$/s, '$1').trim();
  const [, bracketed, dotted] = /^(?:\[([^[\]]*)\]|(\d[\d.]*))(?::[\w.-]*)?$/.exec(plain) ?? [];
  return canonicalAddress(bracketed ?? dotted ?? plain);
}

/**
 * An address in canonical form: IPv6 short and without a zone, IPv4-mapped IPv6 as IPv4. Null if it is not an address.
 */
function canonicalAddress(address: string): string | null {
  if (isIPv4(address)) return address;
  if (!isIPv6(address)) return null;
  const short = new SocketAddress({ address, family: 'ipv6' }).address;
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(short)?.[1] ?? short;
}

function isTrusted(address: string, { addresses, unixPeers }: TrustedProxies): boolean {
  if (address === '') return unixPeers;
  const family = isIP(address);
  return family !== 0 && addresses.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/**
 * The parts between separators, trimmed; separators inside quoted strings do not count. Quotes are matched from the
 * right, where our proxies write, so that a client cannot hide their entries by opening a quote that it never closes.
 */
function splitOutsideQuotes(text: string, separator: ',' | ';'): string[] {
  const parts: string[] = [];
  let end = text.length;
  let isQuoted = false;
  for (let at = text.length - 1; at >= 0; at--) {
    if (text[at] === '"' && !isEscaped(text, at)) isQuoted = !isQuoted;
    if (text[at] !== separator || isQuoted) continue;
    parts.unshift(text.slice(at + 1, end).trim());
    end = at;
  }
  return [text.slice(0, end).trim(), ...parts];
}

/** Whether an odd number of backslashes precedes the position (RFC 9110 section 5.6.4). */
function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text[at - 1 - slashes] === '\\') slashes++;
  return slashes % 2 === 1;
}

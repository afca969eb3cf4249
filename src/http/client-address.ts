/**
 * Where a request comes from: the address of the connection, or the one that trusted proxies tell in a header.
 *
 * One header is believed, the one of CLIENT_IP_HEADER, and it is read from the right: what stands left of the entry of
 * the outermost trusted proxy was written by somebody who may lie.
 */
import { type BlockList, isIP, isIPv6, SocketAddress } from 'node:net';

/** The header of RFC 7239; every other one is a list of addresses, as X-Forwarded-For is. */
const FORWARDED = 'forwarded';

/** What a request says about its origin, and whom to believe. */
export type Hops = {
  /** The address of the connection. */
  remoteAddress: string;
  /** Lower-case name of the header, and its value; null when it is absent. */
  header: string;
  value: string | null;
  trusted: BlockList;
};

/** The right-most address that no trusted proxy has; the connection's own when it is not a trusted proxy. */
export function clientAddress({ remoteAddress, header, value, trusted }: Hops): string {
  const hops = hopsOf(header, value ?? '');
  let address = canonicalAddress(remoteAddress) ?? remoteAddress;
  while (isTrusted(address, trusted)) {
    const next = hops.pop();
    // A hop that is not an address (`unknown`, `_hidden`, nonsense) tells nothing, nor does anything left of it.
    if (next === undefined || next === null) break;
    address = next;
  }
  return address;
}

/** The addresses from the client to the last proxy; null for a hop that names none. Empty entries do not count. */
function hopsOf(header: string, value: string): (string | null)[] {
  const entries = splitOutsideQuotes(value, ',').filter((entry) => entry !== '');
  return entries.map((entry) => addressOfNode(header === FORWARDED ? forOf(entry) : entry));
}

/** The `for` of one element of a Forwarded header (RFC 7239 section 4); empty when it has none. */
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

/** One form of every address: IPv6 short and without a zone, IPv4 inside IPv6 as IPv4. Null for what is not an address. */
function canonicalAddress(address: string): string | null {
  if (!isIPv6(address)) return isIP(address) === 0 ? null : address;
  const short = new SocketAddress({ address, family: 'ipv6' }).address;
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(short)?.[1] ?? short;
}

function isTrusted(address: string, trusted: BlockList): boolean {
  const family = isIP(address);
  return family !== 0 && trusted.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/**
 * The parts between separators, trimmed; a separator inside a quoted string is none. Quotes are matched from the right,
 * where our proxies write: a client that opens a quote and never closes it hides nothing of theirs.
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

/** Whether an odd number of backslashes stands in front (RFC 9110 section 5.6.4). */
function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text[at - 1 - slashes] === '\\') slashes++;
  return slashes % 2 === 1;
}

/** The networks by which callers are counted. */
import { isIPv6 } from 'node:net';

/** The network by which an IP address is counted: the address itself (IPv4) or its /64 (IPv6, RFC 6177). */
export function networkOf(ipAddress: string | null): string {
  if (ipAddress === null) return 'none';
  if (!isIPv6(ipAddress)) return ipAddress;
  return `${groupsOf(ipAddress).slice(0, 4).join(':')}::/64`;
}

/** The /48 of an IPv6 address, which many providers give to one customer (RFC 6177 section 2). Null for all others. */
export function siteOf(ipAddress: string | null): string | null {
  if (ipAddress === null || !isIPv6(ipAddress)) return null;
  return `${groupsOf(ipAddress).slice(0, 3).join(':')}::/48`;
}

/** The eight groups of an IPv6 address, without leading zeros. */
function groupsOf(ipAddress: string): string[] {
  const [head = '', tail] = (ipAddress.split('%')[0] ?? '').toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  return [...left, ...Array<string>(missing).fill('0'), ...right].map((group) => group.replace(/^0+(?=.)/, ''));
}

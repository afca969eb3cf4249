/** Names and addresses of this machine, which nobody else can reach or answer for. */
import { isIPv4 } from 'node:net';

/** Whether a host is a loopback address (RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3) or `localhost`. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '').toLowerCase();
  return name === 'localhost' || name === '::1' || (isIPv4(name) && name.startsWith('127.'));
}

/** The same for a host in the address bar of a browser, which also keeps `*.localhost` local (RFC 6761 section 6.3). */
export function isLoopbackSite(host: string): boolean {
  return isLoopback(host) || host.toLowerCase().endsWith('.localhost');
}

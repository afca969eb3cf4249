/** Recognizes the device behind a user agent. Uses only names from a known list, because clients choose the header. */
import { isIP } from 'node:net';
import bowser from 'bowser';

export type DeviceKind = 'DESKTOP' | 'MOBILE' | 'TABLET' | 'TV' | 'BOT' | 'UNKNOWN';
export type Device = { browser: string | null; operatingSystem: string | null; kind: DeviceKind };

const BROWSERS = new Set<string>(Object.values(bowser.BROWSER_MAP));
const SYSTEMS = new Set<string>(Object.values(bowser.OS_MAP));
const KINDS: Record<string, DeviceKind> = {
  desktop: 'DESKTOP',
  mobile: 'MOBILE',
  tablet: 'TABLET',
  tv: 'TV',
  bot: 'BOT',
};

export function deviceOf(userAgent: string | null): Device {
  if (!userAgent) return { browser: null, operatingSystem: null, kind: 'UNKNOWN' };
  const { browser, os, platform } = bowser.parse(userAgent);
  const known = (names: ReadonlySet<string>, name = '') => (names.has(name) ? name : null);
  return {
    browser: known(BROWSERS, browser.name),
    operatingSystem: known(SYSTEMS, os.name),
    kind: KINDS[platform.type ?? ''] ?? 'UNKNOWN',
  };
}

/**
 * A device as described in an email: browser, operating system, and IP address if it is a valid one. Nothing else from
 * the header is repeated, because the client may send anything.
 */
export function describeDevice(seen: { userAgent: string | null; ipAddress: string | null } | null): {
  device: string | null;
  ipAddress: string | null;
} {
  const { browser, operatingSystem } = deviceOf(seen?.userAgent ?? null);
  const ipAddress = seen?.ipAddress ?? null;
  return {
    device: [browser, operatingSystem].filter((part) => part !== null).join(', ') || null,
    ipAddress: ipAddress !== null && isIP(ipAddress) !== 0 ? ipAddress : null,
  };
}

/** What a user agent says of a device, in names of ours: whoever signs in chooses the header, so nothing of it is repeated. */
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
 * What an email says of a device: browser and system, and the IP address where it is one. Nothing else of the header is
 * repeated, because whoever sent it chose it.
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

/** What a user agent says of a device, in names of ours: whoever signs in chooses the header, so nothing of it is repeated. */
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

/**
 * The cookie of a known device: what strangers guess does not slow it down, and where its owner trusts it, the first
 * factor alone signs in. It is set and read only together with the refresh cookie, for a page of this service or of
 * CORS_ORIGINS (refresh-cookie.ts).
 */
import type { Config } from '#config/config.ts';
import type { DeviceCookie } from '#core/context.ts';
import type { Clock } from '#outside/clock.ts';
import { cookieLine, cookieOf, type Exchange } from './refresh-cookie.ts';

const NAME = '__Host-latchkey-device';

export function createDeviceCookie(config: Config, clock: Clock, { header, setCookie }: Exchange): DeviceCookie {
  return {
    read: () => cookieOf(NAME, header('cookie')),
    keep: (token, until) => setCookie(cookieLine(config, `${NAME}=${token}`, until, clock())),
  };
}

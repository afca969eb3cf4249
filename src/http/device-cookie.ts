/**
 * The cookie of a device that its owner trusts: there, the password alone signs in. It is set and read only together
 * with the refresh cookie, for a page of this service or of CORS_ORIGINS (refresh-cookie.ts).
 */
import type { Config } from '#config/config.ts';
import type { DeviceCookie } from '#core/context.ts';
import type { Clock } from '#outside/clock.ts';
import { cookieOf, type Exchange } from './refresh-cookie.ts';

const NAME = '__Host-latchkey-device';

export function createDeviceCookie(config: Config, clock: Clock, { header, setCookie }: Exchange): DeviceCookie {
  return {
    read: () => cookieOf(NAME, header('cookie')),
    keep: (token, until) => {
      const seconds = Math.max(0, Math.floor((until.getTime() - clock().getTime()) / 1000));
      const attributes = `Path=/; HttpOnly; Secure; SameSite=${config.refreshCookie.sameSite}`;
      setCookie(`${NAME}=${token}; Max-Age=${seconds}; ${attributes}`);
    },
  };
}

/** Where the bearer transport keeps its refresh token. By default nowhere: it is gone when the page is. */

/** For example the Keychain or Keystore of a phone. The functions may be asynchronous. */
export type TokenStorage = {
  get: () => string | null | Promise<string | null>;
  set: (refreshToken: string) => void | Promise<void>;
  clear: () => void | Promise<void>;
};

/**
 * A storage in `localStorage` or `sessionStorage`. Every script of the page can read it, also an injected one: prefer
 * the cookie transport in browsers.
 */
export function webStorage(area: Storage, key = 'latchkey-refresh-token'): TokenStorage {
  return {
    get: () => area.getItem(key),
    set: (refreshToken) => area.setItem(key, refreshToken),
    clear: () => area.removeItem(key),
  };
}

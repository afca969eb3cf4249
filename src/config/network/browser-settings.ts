/** What browsers may do: which pages may ask, what the cookie is like, and whether plain http is ever used. */
import type { Environment } from '../environment.ts';
import { isLoopbackSite } from '../loopback.ts';

export type StrictTransport = 'on' | 'include-subdomains' | 'off';

/** Browsers accept a Secure cookie over https, and over plain http only from localhost. */
export type RefreshCookieConfig = { isPossible: boolean; sameSite: 'Strict' | 'Lax' | 'None' };

/**
 * `on` for a PUBLIC_URL with https, except on this machine: browsers would insist on https for everything else that a
 * developer runs on `localhost`.
 */
export function strictTransportOf(env: Environment, publicUrl: string): StrictTransport {
  const { protocol, hostname } = new URL(publicUrl);
  const isPossible = protocol === 'https:' && !isLoopbackSite(hostname);
  const chosen = env.oneOf('HSTS', isPossible ? 'on' : 'off', ['on', 'include-subdomains', 'off']);
  if (chosen === 'off' || isPossible) return chosen;
  env.problem('HSTS', 'requires a PUBLIC_URL that starts with https:// and is not on this machine');
  return 'off';
}

export function corsOriginsOf(env: Environment): readonly string[] {
  const origins = env.list('CORS_ORIGINS', []);
  for (const origin of origins) {
    if (URL.canParse(origin) && new URL(origin).origin === origin && !origin.includes('*')) continue;
    env.problem('CORS_ORIGINS', `${JSON.stringify(origin)} is not an origin such as https://app.example.com`);
  }
  return origins;
}

export function corsHeadersOf(env: Environment): readonly string[] {
  const names = env.list('CORS_HEADERS', []).map((name) => name.toLowerCase());
  for (const name of names) {
    if (/^[a-z0-9!#$%&'+.^_`|~-]{1,100}$/.test(name)) continue;
    env.problem('CORS_HEADERS', `${JSON.stringify(name)} is not the name of a header`);
  }
  return names;
}

export function refreshCookieOf(env: Environment, publicUrl: string): RefreshCookieConfig {
  const { protocol, hostname } = new URL(publicUrl);
  const sameSite = env.oneOf('COOKIE_SAME_SITE', 'strict', ['strict', 'lax', 'none']);
  if (sameSite === 'none' && env.list('CORS_ORIGINS', []).length === 0) {
    env.problem(
      'COOKIE_SAME_SITE',
      'can be none only for front ends on other sites, which must be listed in CORS_ORIGINS',
    );
  }
  return {
    isPossible: protocol === 'https:' || /^(.+\.)?localhost$/.test(hostname),
    sameSite: ({ strict: 'Strict', lax: 'Lax', none: 'None' } as const)[sameSite],
  };
}

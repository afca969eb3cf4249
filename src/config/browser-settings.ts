/** The settings about browsers: which pages of other origins may read answers, and the cookie. */
import type { Environment } from './environment.ts';

/** Browsers accept a Secure cookie over https, and over plain http only from localhost. */
export type RefreshCookieConfig = { isPossible: boolean; sameSite: 'Strict' | 'Lax' | 'None' };

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

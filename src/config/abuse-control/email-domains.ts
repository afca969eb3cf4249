/** Domains whose email addresses people may, or may not, register with. */
import { domainToASCII } from 'node:url';
import type { Environment } from '../environment.ts';

export type EmailDomains = {
  /** Domains in lowercase ASCII, each with everything below it. */
  blocked: ReadonlySet<string>;
  /** The same; null if every domain is allowed. */
  allowed: ReadonlySet<string> | null;
};

const MOST_NAMED = 3;

/** Lists as they are published: one domain a line or separated by commas; `#` begins a comment. */
export function emailDomainsOf(env: Environment): EmailDomains {
  const blocked = domainsOf(env, 'EMAIL_DOMAINS_BLOCKED');
  const allowed = domainsOf(env, 'EMAIL_DOMAINS_ALLOWED');
  return { blocked: blocked ?? new Set(), allowed };
}

function domainsOf(
  env: Environment,
  variable: 'EMAIL_DOMAINS_BLOCKED' | 'EMAIL_DOMAINS_ALLOWED',
): ReadonlySet<string> | null {
  const text = env.text(variable);
  if (text === undefined) return null;
  const entries = text
    .replaceAll(/#.*$/gm, '')
    .split(/[\s,]+/)
    .filter((entry) => entry !== '');
  const unreadable = entries.filter((entry) => domainOf(entry) === null);
  if (unreadable.length > 0) {
    const named = unreadable.slice(0, MOST_NAMED).map((entry) => JSON.stringify(entry.slice(0, 80)));
    const more = unreadable.length > MOST_NAMED ? ` and ${unreadable.length - MOST_NAMED} more` : '';
    env.problem(variable, `must contain domains such as example.com, not ${named.join(', ')}${more}`);
  } else if (entries.length === 0) env.problem(variable, 'must contain at least one domain');
  return new Set(entries.flatMap((entry) => domainOf(entry) ?? []));
}

/** `example.com`, also as `@example.com`, `.example.com`, `*.example.com` or in Unicode; null for anything else. */
function domainOf(entry: string): string | null {
  const ascii = domainToASCII(entry.replace(/^(?:@|\*?\.)/, '').replace(/\.$/, ''));
  return /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(ascii) ? ascii : null;
}

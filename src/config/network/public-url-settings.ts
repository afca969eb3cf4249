/** Where people reach the service. */
import type { Environment } from '../environment.ts';
import type { ListenConfig } from './listen-settings.ts';

/** Origin and path in canonical form: lowercase host, no default port, no trailing slash. */
export function publicUrlOf(env: Environment, isProduction: boolean, { port, tls }: ListenConfig): string {
  const given = env.url('PUBLIC_URL', ['https:', 'http:']) ?? `http${tls === null ? '' : 's'}://localhost:${port}`;
  const { origin, pathname, username, protocol } = new URL(given);
  if (/[?#]/.test(given)) env.problem('PUBLIC_URL', 'must not have a query or fragment');
  if (username !== '') env.problem('PUBLIC_URL', 'must not contain a user name, because it is public');
  if (isProduction && env.text('PUBLIC_URL') === undefined) env.problem('PUBLIC_URL', 'is required in production');
  else if (isProduction && protocol === 'http:') env.problem('PUBLIC_URL', 'must start with https:// in production');
  else if (tls !== null && protocol === 'http:') env.problem('PUBLIC_URL', 'must start with https:// with TLS_CERT');
  return `${origin}${pathname}`.replace(/\/+$/, '');
}

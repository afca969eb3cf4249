/** The proxies in front of the service, and the header in which they pass the client's IP address. */
import { isIP } from 'node:net';
import type { Environment } from '../environment.ts';
import type { ListenConfig } from './listen-settings.ts';

/** The entry for those who connect to the Unix socket, which has no IP addresses. */
export const UNIX = 'unix';

/** IP addresses and CIDRs, and `unix` for the peers of a Unix socket. */
export function trustedProxiesOf(env: Environment, { isUnixSocket }: ListenConfig): readonly string[] {
  const proxies = env.list('TRUSTED_PROXIES', []);
  if (isUnixSocket && !proxies.includes(UNIX)) {
    env.warning(
      'TRUSTED_PROXIES',
      `lacks ${UNIX}: nobody has an IP address, and everyone shares the budgets of one network`,
    );
  }
  for (const proxy of proxies) {
    if (proxy === UNIX) {
      if (!isUnixSocket) env.problem('TRUSTED_PROXIES', `has ${UNIX}, but HOST is not a Unix socket`);
      continue;
    }
    const [, address = '', bits = '0'] = /^([0-9a-f.:]+)(?:\/(\d{1,3}))?$/i.exec(proxy) ?? [];
    const family = isIP(address);
    if (family !== 0 && Number(bits) <= (family === 4 ? 32 : 128)) continue;
    env.problem('TRUSTED_PROXIES', `${JSON.stringify(proxy)} is not an IP address or CIDR`);
  }
  return proxies;
}

/** In lowercase, as headers are looked up. */
export function clientIpHeaderOf(env: Environment): string {
  const name = (env.text('CLIENT_IP_HEADER') ?? 'x-forwarded-for').toLowerCase();
  if (!/^[a-z][a-z0-9-]{0,63}$/.test(name)) env.problem('CLIENT_IP_HEADER', 'must be the name of a single header');
  if (env.text('CLIENT_IP_HEADER') !== undefined && env.list('TRUSTED_PROXIES', []).length === 0) {
    env.problem('CLIENT_IP_HEADER', 'requires TRUSTED_PROXIES: the header is ignored from anyone else');
  }
  return name;
}

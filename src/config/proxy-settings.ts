/** The proxies in front of the service, and the header in which they pass the client's IP address. */
import { isIP } from 'node:net';
import type { Environment } from './environment.ts';

/** IP addresses and CIDRs. */
export function trustedProxiesOf(env: Environment): readonly string[] {
  const proxies = env.list('TRUSTED_PROXIES', []);
  for (const proxy of proxies) {
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

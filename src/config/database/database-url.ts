/**
 * DATABASE_URL as libpq writes it: with one host or, where a standby may take over, with several
 * (PostgreSQL documentation, section "Connection Strings"):
 * `postgresql://user@h1:5432,h2:5432/name?target_session_attrs=read-write`.
 */

export const DATABASE_SCHEMES: readonly string[] = ['postgresql', 'postgres'];

/** Everything up to the hosts, the hosts, and the rest. */
const PARTS = /^([a-z]+:\/\/(?:[^/?#]*@)?)([^/?#@]*)(.*)$/is;
/** What a server has to be able to do. Latchkey always writes, so a server that cannot is of no use to it. */
const WRITABLE = new Set(['any', 'read-write', 'primary']);

/**
 * One URL for each server, in the order in which they are tried. A URL with one host is returned as it is.
 */
export function serversOf(url: string): string[] {
  const [, start = '', hosts = '', rest = ''] = PARTS.exec(url) ?? [];
  const [path = '', query = ''] = rest.split('?');
  const parameters = new URLSearchParams(query);
  const named = parameters.get('host')?.split(',') ?? [];
  const ports = parameters.get('port')?.split(',') ?? [];
  if (!hosts.includes(',') && named.length < 2) return [url];
  parameters.delete('target_session_attrs');
  const list = named.length > 1 ? named.map((host, i) => withPort(host, ports[i] ?? ports[0])) : hosts.split(',');
  if (named.length > 1) for (const name of ['host', 'port']) parameters.delete(name);
  const end = parameters.size > 0 ? `${path}?${parameters}` : path;
  return list.map((host) => `${start}${host}${end}`);
}

function withPort(host: string, port: string | undefined): string {
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return port === undefined || port === '' ? name : `${name}:${port}`;
}

/** What is wrong with the part of the URL that is about several servers; null if nothing is. */
export function serverListProblem(url: string): string | null {
  const asked = new URLSearchParams(url.split('?')[1] ?? '').get('target_session_attrs');
  if (asked === null || WRITABLE.has(asked)) return null;
  return 'must not ask for target_session_attrs other than read-write, because the service writes';
}

/** Where the database is, for messages: hosts, ports and name, never the user or the password. */
export function placeOf(url: string): string {
  const [first = url, ...others] = serversOf(url).map((each) => new URL(each));
  const hostOf = ({ hostname, port, searchParams }: URL) => `${searchParams.get('host') ?? hostname}:${port || 5432}`;
  return `${[new URL(first), ...others].map(hostOf).join(',')}${new URL(first).pathname}`;
}

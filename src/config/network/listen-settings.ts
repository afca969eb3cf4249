/** Where the service listens: an address and a port, with TLS or without, or a Unix socket. */
import { isAbsolute } from 'node:path';
import type { Environment } from '../environment.ts';

/** PEM files: the certificate with its intermediates, and its key. */
export type TlsFiles = { certificate: string; key: string };

export type ListenConfig = {
  /** An IP address or host name, or the path of a Unix socket. */
  host: string;
  port: number;
  /** Whether `host` is the path of a Unix socket. It has no port, and its peers no IP addresses. */
  isUnixSocket: boolean;
  /** Null for plain HTTP. */
  tls: TlsFiles | null;
};

/** What `sun_path` holds on every system that Node runs on. */
const MAX_PATH_BYTES = 103;

export function listenOf(env: Environment): ListenConfig {
  const host = env.text('HOST') ?? '127.0.0.1';
  const isUnixSocket = host.includes('/');
  if (isUnixSocket && !isAbsolute(host)) env.problem('HOST', 'must begin with / if it is the path of a Unix socket');
  if (isUnixSocket && Buffer.byteLength(host) > MAX_PATH_BYTES) {
    env.problem('HOST', `must have at most ${MAX_PATH_BYTES} bytes if it is the path of a Unix socket`);
  }
  const tls = tlsOf(env);
  if (tls !== null && isUnixSocket)
    env.problem('TLS_CERT', 'must not be set with a Unix socket: nothing leaves the machine');
  return { host, port: env.integer('PORT', 4000, 0, 65_535), isUnixSocket, tls };
}

function tlsOf(env: Environment): TlsFiles | null {
  const [certificate, key] = [env.text('TLS_CERT'), env.text('TLS_KEY')];
  if (certificate === undefined && key === undefined) return null;
  if (certificate === undefined) env.problem('TLS_CERT', 'is required with TLS_KEY');
  if (key === undefined) env.problem('TLS_KEY', 'is required with TLS_CERT');
  return { certificate: certificate ?? '', key: key ?? '' };
}

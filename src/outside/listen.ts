/** Opens the listener of a server: on an address and a port, or on a Unix socket. */
import { existsSync, lstatSync, unlinkSync } from 'node:fs';
import type { AddressInfo, Server } from 'node:net';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import type { ListenConfig } from '#config/network/listen-settings.ts';
import { OperatorError } from '#errors/operator-error.ts';

/** The user and the group of the service may connect, which needs the right to write; nobody else may. */
const SOCKET_UMASK = 0o117;

/**
 * Listens, and returns the port: with PORT=0, any free port (links in emails then need a PUBLIC_URL). Null for a Unix
 * socket. Fails with OperatorError.
 * @param setting what names the port
 */
export async function listen(
  server: Server,
  { host, port, isUnixSocket }: Pick<ListenConfig, 'host' | 'port' | 'isUnixSocket'>,
  setting = 'PORT',
): Promise<number | null> {
  if (isUnixSocket) {
    await listenOnSocket(server, host);
    return null;
  }
  await opened(server, () => server.listen(port, host)).catch((error: NodeJS.ErrnoException) => {
    const isInUse = error.code === 'EADDRINUSE';
    const reason = isInUse ? `the port is in use. Stop the other process or set ${setting}.` : error.message;
    throw new OperatorError(`Cannot listen on ${host}:${port}: ${reason}`);
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? (address satisfies AddressInfo).port : port;
}

/**
 * A socket file that a killed process left behind is removed. One that a process listens on, or another file, is not.
 */
async function listenOnSocket(server: Server, path: string): Promise<void> {
  const start = () => {
    // The file exists as soon as the socket is bound, so its permissions have to be right from the beginning.
    const before = process.umask(SOCKET_UMASK);
    try {
      server.listen(path);
    } finally {
      process.umask(before);
    }
  };
  try {
    await opened(server, start).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE' || !(await isLeftBehind(path))) throw error;
      unlinkSync(path);
      await opened(server, start);
    });
  } catch (error) {
    throw new OperatorError(`Cannot listen on ${path}: ${reasonOf(path, error)}`);
  }
}

function reasonOf(path: string, error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  if (code === 'EADDRINUSE') return 'another process listens on it, or it is not a socket.';
  // libuv says EACCES for a directory that does not exist, too.
  if (!existsSync(dirname(path))) return 'its directory does not exist.';
  if (code === 'EACCES') return 'the user that runs the service may not write to its directory.';
  return error instanceof Error ? error.message : 'unknown';
}

/** Whether it is a socket that nobody listens on. */
function isLeftBehind(path: string): Promise<boolean> {
  if (!lstatSync(path).isSocket()) return Promise.resolve(false);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(path);
  socket.once('connect', () => resolve(false));
  socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  return promise.finally(() => socket.destroy());
}

function opened(server: Server, start: () => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const settled = () => {
    server.off('listening', resolve);
    server.off('error', reject);
  };
  server.once('listening', resolve);
  server.once('error', reject);
  start();
  return promise.finally(settled);
}

/** A TCP proxy in front of a server, which can refuse, cut, or swallow connections as a broken network does. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export type TcpProxy = {
  port: number;
  /** Connections that are open now. */
  connections: () => number;
  /** Closes all connections, and refuses new ones until `heal`. */
  refuse: () => Promise<void>;
  /** Closes all connections once. */
  cut: () => void;
  /** Keeps all connections open, old and new, and forwards nothing until `heal`: what was sent is lost for good. */
  vanish: () => void;
  heal: () => Promise<void>;
  close: () => Promise<void>;
};

export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const pairs = new Set<[Socket, Socket]>();
  let isGone = false;
  const server = createServer((near) => {
    const far = connect(target.port, target.host);
    const pair: [Socket, Socket] = [near, far];
    pairs.add(pair);
    // A connection from a time when the host was gone stays dead, even when the host is back.
    let isDead = isGone;
    const forward = (from: Socket, to: Socket) => {
      from.on('data', (chunk) => {
        isDead ||= isGone;
        if (!isDead) to.write(chunk);
      });
      from.on('error', () => {});
      from.on('close', () => {
        isDead ||= isGone;
        if (!isDead || from === near) to.destroy();
        if (from === near) pairs.delete(pair);
      });
    };
    forward(near, far);
    forward(far, near);
  });
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const cut = () => {
    for (const [near] of pairs) near.resetAndDestroy();
  };
  const port = await listen(0);
  const stop = async () => {
    const closed = once(server, 'close');
    server.close();
    cut();
    await closed;
  };
  return {
    port,
    connections: () => pairs.size,
    refuse: stop,
    cut,
    vanish: () => {
      isGone = true;
    },
    heal: async () => {
      isGone = false;
      if (!server.listening) await listen(port);
    },
    close: async () => {
      if (server.listening) await stop();
    },
  };
}

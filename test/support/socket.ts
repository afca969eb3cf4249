/** A connection to write HTTP on by hand. */
import { once } from 'node:events';
import { connect } from 'node:net';

export type HandSocket = {
  write: (data: string | Uint8Array) => void;
  received: () => string;
  /** No longer reads what comes. */
  pause: () => void;
  /** Settles when the other side has ended the connection. */
  closed: Promise<void>;
  end: () => void;
};

export async function openSocket(port: number): Promise<HandSocket> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  // A connection that is cut while we write says so once more, as an error.
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await once(socket, 'connect');
  return {
    write: (data) => void socket.write(data),
    received: () => text,
    pause: () => void socket.pause(),
    closed,
    end: () => void socket.destroy(),
  };
}

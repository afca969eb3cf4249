/** A connection to PostgreSQL: it finds the primary among several servers, and checks the settings of its session. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { Socket } from 'node:net';
import pg from 'pg';
import { databaseError } from '#errors/database-error.ts';
import type { Server, Servers } from './servers.ts';
import { asOptions, asTransactionStart, checkSession, PoolerError, type SessionSettings } from './session.ts';

export type ClientParts = {
  servers: Servers;
  session: SessionSettings;
  /** Whether a pooler may give each transaction another session; then each transaction brings its own settings. */
  isPooled: boolean;
  /** The open socket of each client. */
  sockets: Map<pg.Client, Socket>;
  /** The server refused to write, because it only reads (SQLSTATE 25006). */
  onRefusedWrite: () => void;
};

/** A connection serves many requests, so it must not inherit the context of the request that happens to open it. */
const outsideOfRequests = AsyncLocalStorage.snapshot();

/** What a server answers to a write in a transaction that only reads: on a standby, every one does. */
const READ_ONLY = '25006';

type Answered = (error: unknown, result: unknown) => void;
type Connected = ((error: Error) => void) | ((error: null, client: pg.Client) => void);

/** The class of clients for a pool. */
export function clientClass({ servers, session, isPooled, sockets, onRefusedWrite }: ClientParts): new () => pg.Client {
  const begin = asTransactionStart(session);

  return class extends pg.Client {
    readonly #socket: Socket;
    #server: Server | null = null;

    constructor(config: pg.ClientConfig = {}) {
      const socket = new Socket();
      super({ ...config, ...(!isPooled && { options: asOptions(session) }), stream: () => socket });
      this.#socket = socket;
      // Queries and the pool report a lost connection. But while a new one is checked, for example, nothing listens,
      // and the event would end the process.
      this.on('error', () => {});
      sockets.set(this, socket);
      socket.once('close', () => sockets.delete(this));
      messagesOf(this)?.on('errorMessage', (error: Error) => {
        if (databaseError(error).sqlState !== READ_ONLY) return;
        if (this.#server !== null) servers.doubt(this.#server);
        onRefusedWrite();
      });
    }

    override connect(): Promise<pg.Client>;
    override connect(callback: Connected): void;
    override connect(callback?: Connected): Promise<pg.Client> | undefined {
      const connected = outsideOfRequests(() => this.#connect());
      if (callback === undefined) return connected;
      const done = callback as (error: Error | null, client?: pg.Client) => void;
      connected.then((client) => done(null, client), done);
      return undefined;
    }

    async #connect(): Promise<pg.Client> {
      const server = await servers.locate();
      // The pool has given up in the meantime.
      if (this.#socket.destroyed) throw new Error('timeout expired');
      if (servers.hasSeveral) Object.assign(this, { host: server.host, port: server.port });
      try {
        this.#server = server;
        await super.connect();
        this.#socket.once('close', () => servers.doubt(server));
        await this.#check();
        return this;
      } catch (error) {
        servers.doubt(server);
        this.#socket.destroy();
        throw asPoolerError(error);
      }
    }

    async #check(): Promise<void> {
      if (isPooled) await super.query(begin);
      const { isReadOnly } = await checkSession(this, session);
      if (isPooled) await super.query('COMMIT');
      if (servers.hasSeveral && isReadOnly) throw new Error('No server accepts writes: this one has become read-only');
    }

    override query = ((...parameters: unknown[]) => {
      const given = isPooled ? withSettings(parameters, begin) : parameters;
      const [statement, values, callback] = given;
      if (session.answerMs === null || !isPlain(statement, values)) return Reflect.apply(super.query, this, given);
      const answered = typeof callback === 'function' ? null : Promise.withResolvers<unknown>();
      const tell = answered === null ? callback : settle(answered);
      Reflect.apply(super.query, this, [statement, values, this.#inTime(session.answerMs, tell as Answered)]);
      return answered?.promise;
    }) as pg.Client['query'];

    /**
     * Cuts the connection if the answer takes too long. `query_timeout` of `pg` does not, and sets the callback of each
     * query a second time, which keeps all results until the next collection of the whole heap: 80 MB under load.
     */
    #inTime(milliseconds: number, tell: Answered): Answered {
      const timer = setTimeout(() => this.#socket.destroy(new Error('Query read timeout')), milliseconds);
      return (error, result) => {
        clearTimeout(timer);
        tell(error, result);
      };
    }
  };
}

/** Whether it is a statement with or without values, and not an object that reads the answer itself. */
function isPlain(statement: unknown, values: unknown): boolean {
  const isText = typeof statement === 'string';
  const isConfig = typeof statement === 'object' && statement !== null && !('submit' in statement);
  return (isText || isConfig) && typeof values !== 'function';
}

function settle({ resolve, reject }: PromiseWithResolvers<unknown>): Answered {
  return (error, result) => (error ? reject(error) : resolve(result));
}

/** Where a client gets the messages of its server from; `pg` has no type for it. */
function messagesOf(client: pg.Client): EventEmitter | null {
  const connection: unknown = Reflect.get(client, 'connection');
  return connection instanceof EventEmitter ? connection : null;
}

/** Prisma begins a transaction with the statement BEGIN. */
function withSettings([statement, ...others]: unknown[], begin: string): unknown[] {
  if (statement === 'BEGIN') return [begin, ...others];
  const isBegin = typeof statement === 'object' && statement !== null && Reflect.get(statement, 'text') === 'BEGIN';
  return [isBegin ? { ...statement, text: begin } : statement, ...others];
}

/** PgBouncer refuses settings at the start of a session, or is configured to ignore them. */
function asPoolerError(error: unknown): unknown {
  if (!(error instanceof Error) || databaseError(error).sqlState !== '08P01') return error;
  return error.message.includes('startup parameter') ? new PoolerError('refuses the settings of a session') : error;
}

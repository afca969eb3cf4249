/**
 * The servers of DATABASE_URL, one of which is the primary. When a standby is promoted, the service finds it by itself:
 * whenever a connection fails or is lost, the next one asks all servers again.
 */
import { placeOf, serversOf } from '#config/database/database-url.ts';
import { probeServer } from './probe.ts';

export type Server = { url: string; host: string; port: number };

/**
 * Servers answer, and all of them are read-only. None of them is used: a standby may not know yet, for example, which
 * sessions have been ended.
 */
class ReadOnlyError extends Error {}

export type Servers = {
  /** The server to connect to. Fails if there are several and none accepts writes: ReadOnlyError. */
  locate: () => Promise<Server>;
  /** Reports that something is wrong with this server. */
  doubt: (server: Server) => void;
  /** The server that was used last, or will be tried first. */
  last: () => Server;
  hasSeveral: boolean;
};

const PORT = 5432;
/** How often the servers are asked while none of them accepts writes. */
const PAUSE_MS = 100;

export function createServers(url: string): Servers {
  const all = serversOf(url).map((each): Server => {
    const { hostname, port } = new URL(each);
    return { url: each, host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || PORT) };
  });
  const [first = { url, host: '', port: PORT }] = all;
  let known: Server | null = all.length === 1 ? first : null;
  let last = first;
  let search: Promise<Server> | null = null;

  /** Asks all servers at once. The first in the list that accepts writes is used, so all replicas choose the same. */
  async function find(): Promise<Server> {
    const questions = all.map((server) => ({ server, problem: problemOf(server) }));
    const problems: Problem[] = [];
    for (const { server, problem } of questions) {
      const found = await problem;
      if (found === null) {
        known = server;
        last = server;
        return server;
      }
      problems.push(found);
    }
    const list = problems.map(({ text }) => text).join('; ');
    if (problems.some(({ isReadOnly }) => isReadOnly))
      throw new ReadOnlyError(`Every server that answers is read-only: ${list}`);
    throw new Error(`No server accepts writes: ${list}`);
  }

  return {
    locate: async () => {
      if (known !== null) return known;
      if (search === null) {
        search = find();
        const isOver = () => {
          search = null;
        };
        search.then(isOver, () => setTimeout(isOver, PAUSE_MS).unref());
      }
      return search;
    },
    doubt: (server) => {
      if (all.length > 1 && known === server) known = null;
    },
    last: () => last,
    hasSeveral: all.length > 1,
  };
}

type Problem = { isReadOnly: boolean; text: string };

/** Why a server cannot be used; null if it accepts writes. */
function problemOf({ url }: Server): Promise<Problem | null> {
  return probeServer(url).then(
    ({ isReadOnly }) => (isReadOnly ? { isReadOnly, text: `${placeOf(url)} is read-only` } : null),
    (error: Error) => ({ isReadOnly: false, text: `${placeOf(url)}: ${error.message}` }),
  );
}

/** Whether the primary answers, and whether it is read-only, which a single server may turn out to be. */
export async function probePrimary(servers: Servers): Promise<{ isReadOnly: boolean }> {
  const server = await servers.locate().catch((error) => {
    if (error instanceof ReadOnlyError) return null;
    throw error;
  });
  if (server === null) return { isReadOnly: true };
  const answer = await probeServer(server.url).catch((error) => {
    servers.doubt(server);
    throw error;
  });
  if (answer.isReadOnly) servers.doubt(server);
  return answer;
}

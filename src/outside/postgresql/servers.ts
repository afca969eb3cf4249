/**
 * The servers of DATABASE_URL, of which one is the primary. When it goes away and a standby is promoted, the service
 * finds the new one by itself: whenever a connection fails or is lost, the next one asks all of them again.
 */
import { placeOf, serversOf } from '#config/database/database-url.ts';
import { probeServer } from './probe.ts';

export type Server = { url: string; host: string; port: number };

export type Servers = {
  /** The server to connect to. Fails if there are several and none accepts writes. */
  locate: () => Promise<Server>;
  /** Something is wrong with this server. */
  doubt: (server: Server) => void;
  /** Where the last connection was made, or will be tried. */
  last: () => Server;
  hasSeveral: boolean;
};

const PORT = 5432;
/** While none accepts writes, they are asked this often. */
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

  /** All are asked at once; the first in the list counts, so that all replicas choose the same. */
  async function find(): Promise<Server> {
    const questions = all.map((server) => ({ server, problem: problemOf(server) }));
    const problems: string[] = [];
    for (const { server, problem } of questions) {
      const found = await problem;
      if (found === null) {
        known = server;
        last = server;
        return server;
      }
      problems.push(found);
    }
    throw new Error(`No server accepts writes: ${problems.join('; ')}`);
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

/** Why it cannot be used; null if it accepts writes. */
function problemOf({ url }: Server): Promise<string | null> {
  return probeServer(url).then(
    ({ isReadOnly }) => (isReadOnly ? `${placeOf(url)} is read-only` : null),
    (error: Error) => `${placeOf(url)}: ${error.message}`,
  );
}

/** Whether the primary answers, and whether it only reads: of a single server, that is to be found out. */
export async function probePrimary(servers: Servers): Promise<{ isReadOnly: boolean }> {
  const server = await servers.locate();
  const answer = await probeServer(server.url).catch((error) => {
    servers.doubt(server);
    throw error;
  });
  if (answer.isReadOnly) servers.doubt(server);
  return answer;
}

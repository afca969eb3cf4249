/**
 * better-auth as a contestant. It is a package of its own in `better-auth/`, installed when it is first measured, so
 * that nobody installs it who does not run the benchmark.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { Exchange } from './load.ts';
import type { Bench } from './measurement.ts';
import { PASSWORD } from './seed.ts';
import { type Server, startServer } from './servers.ts';
import { inTurn, type Next } from './traffic.ts';

export type BetterAuth = {
  server: Server;
  /** One for each of its people, with the cached session if it caches sessions. */
  cookies: string[];
};

const PACKAGE = fileURLToPath(new URL('better-auth/', import.meta.url));
/** Each signs up and in before the measurement, which takes two hashes. */
const PEOPLE = 100;
const SIGN_IN_PATH = '/api/auth/sign-in/email';

/**
 * Starts it on a database of its own in the PostgreSQL that Latchkey uses, with people who have signed in. Null, and
 * says so, where there is no PostgreSQL or it cannot be installed.
 */
export async function startBetterAuth(
  { cores, env }: Bench,
  { cachesSessions = false } = {},
): Promise<BetterAuth | null> {
  if (env['DATABASE_URL'] === undefined || !isInstalled()) return null;
  const server = await startServer(cores, {
    file: 'better-auth/server.mjs',
    env: {
      DATABASE_URL: await createDatabase(env['DATABASE_URL']),
      PASSWORD,
      PEOPLE: String(PEOPLE),
      MEMORY_KIB: '19456',
      ITERATIONS: '2',
      ...(cachesSessions && { COOKIE_CACHE: 'on' }),
    },
    readyPath: '/health',
  });
  const cookies: string[] = [];
  for (let number = 1; number <= PEOPLE; number += 1) cookies.push(await signIn(server, emailOf(number)));
  return { server, cookies };
}

/** Everyone in turn signs in. */
export function signInToBetterAuth(): Next {
  const exchanges = Array.from({ length: PEOPLE }, (_, index): Exchange => {
    const email = emailOf(index + 1);
    return {
      path: SIGN_IN_PATH,
      body: JSON.stringify({ email, password: PASSWORD }),
      isRight: ({ status, body }) => status === 200 && body.includes(email) && body.includes('"token"'),
    };
  });
  return inTurn(exchanges);
}

/** Everyone in turn asks who they are. */
export function getBetterAuthSession({ cookies }: BetterAuth): Next {
  const exchanges = cookies.map((cookie, index): Exchange => {
    const email = emailOf(index + 1);
    return {
      method: 'GET',
      path: '/api/auth/get-session',
      headers: { cookie },
      isRight: ({ status, body }) => status === 200 && body.includes(email),
    };
  });
  return inTurn(exchanges);
}

async function signIn(server: Server, email: string): Promise<string> {
  const origin = `http://127.0.0.1:${server.port}`;
  const response = await fetch(`${origin}${SIGN_IN_PATH}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ email, password: PASSWORD }),
  });
  if (!response.ok) throw new Error(`better-auth answered a sign-in with ${response.status}.`);
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';', 1)[0])
    .join('; ');
}

function isInstalled(): boolean {
  if (existsSync(`${PACKAGE}node_modules`)) return true;
  process.stdout.write('installing better-auth …\n');
  const { status, stderr } = spawnSync('npm', ['ci', '--ignore-scripts'], { cwd: PACKAGE, encoding: 'utf8' });
  if (status !== 0) process.stdout.write(`Without better-auth, which could not be installed: ${stderr.trim()}\n`);
  return status === 0;
}

/** Gives its URL. */
async function createDatabase(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const name = `better_auth_${Date.now()}`;
  await client.query(`CREATE DATABASE ${name}`).finally(() => client.end());
  return Object.assign(new URL(url), { pathname: `/${name}` }).href;
}

function emailOf(number: number): string {
  return `person${number}@bench.example`;
}

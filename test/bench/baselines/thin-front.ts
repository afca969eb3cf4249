/**
 * The fastest `me` that we know how to write by hand: node:http, the plugins and caches of Yoga without its HTTP layer,
 * remembered tokens, and one statement for the sessions of all requests that arrive together.
 * No limits, no log, no masking, no CORS, no content negotiation.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLBoolean,
  GraphQLError,
  GraphQLID,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
} from 'graphql';
import { createYoga } from 'graphql-yoga';
import { importJWK, jwtVerify } from 'jose';
import pg from 'pg';

const { PORT, DATABASE_URL, PUBLIC_KEY = '{}', ISSUER = '' } = process.env;

/** How many statements may be under way; what arrives meanwhile goes with the next one. */
const STATEMENTS = 2;

type Viewer = { id: string; name: string; email: string; role: string; isVerified: boolean; createdAt: Date };
type Row = [sessionId: string, id: string, name: string, email: string, role: string, verified: boolean, ms: number];
type Waiting = (viewer: Viewer | null) => void;

const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 10 });
const key = await importJWK(JSON.parse(PUBLIC_KEY), 'ES256');
const tokens = new Map<string, { sessionId: string; expiresAt: number }>();

const FIND_VIEWERS = `
  SELECT s.id, u.id, u.name, u.email, u.role, u.email_verified_at IS NOT NULL,
         (extract(epoch FROM u.created_at) * 1000)::float8
    FROM sessions s JOIN users u ON u.id = s.user_id
   WHERE s.id = ANY($1::uuid[]) AND s.ended_at IS NULL AND s.expires_at > now() AND u.disabled_at IS NULL`;

let waiting = new Map<string, Waiting[]>();
let underWay = 0;

function findViewer(sessionId: string): Promise<Viewer | null> {
  return new Promise((resolve) => {
    if (waiting.size === 0) setImmediate(askTogether);
    const others = waiting.get(sessionId);
    if (others === undefined) waiting.set(sessionId, [resolve]);
    else others.push(resolve);
  });
}

async function askTogether(): Promise<void> {
  if (waiting.size === 0 || underWay >= STATEMENTS) return;
  const asked = waiting;
  waiting = new Map();
  underWay += 1;
  const { rows } = await pool.query<Row>({
    name: 'viewers',
    text: FIND_VIEWERS,
    values: [[...asked.keys()]],
    rowMode: 'array',
  });
  underWay -= 1;
  const found = new Map(rows.map(([sessionId, ...columns]) => [sessionId, viewerOf(columns)]));
  for (const [sessionId, all] of asked) for (const resolve of all) resolve(found.get(sessionId) ?? null);
  void askTogether();
}

function viewerOf([id, name, email, role, isVerified, ms]: Row extends [string, ...infer Rest] ? Rest : never): Viewer {
  return { id, name, email, role, isVerified, createdAt: new Date(ms) };
}

async function sessionIdOf(token: string): Promise<string> {
  const known = tokens.get(token);
  if (known !== undefined && known.expiresAt > Date.now()) return known.sessionId;
  const { payload } = await jwtVerify<{ sid: string; exp: number }>(token, key, {
    algorithms: ['ES256'],
    typ: 'at+jwt',
    issuer: ISSUER,
    audience: ISSUER,
    requiredClaims: ['sub', 'sid', 'exp'],
  });
  tokens.set(token, { sessionId: payload.sid, expiresAt: payload.exp * 1000 });
  return payload.sid;
}

const User = new GraphQLObjectType<Viewer>({
  name: 'User',
  fields: {
    id: { type: new GraphQLNonNull(GraphQLID) },
    name: { type: new GraphQLNonNull(GraphQLString) },
    email: { type: GraphQLString },
    role: { type: new GraphQLNonNull(GraphQLString) },
    isVerified: { type: new GraphQLNonNull(GraphQLBoolean) },
    createdAt: { type: new GraphQLNonNull(GraphQLString), resolve: (user) => user.createdAt.toISOString() },
  },
});

const Query = new GraphQLObjectType<unknown, { viewer: Viewer }>({
  name: 'Query',
  fields: { me: { type: User, resolve: (_root, _args, { viewer }) => viewer } },
});

type Given = { authorization: string };

const yoga = createYoga<Given>({
  schema: new GraphQLSchema({ query: Query }),
  context: async ({ authorization }) => {
    const viewer = await findViewer(await sessionIdOf(authorization.slice('Bearer '.length)));
    if (viewer === null) throw new GraphQLError('Please sign in.', { extensions: { code: 'UNAUTHENTICATED' } });
    return { viewer };
  },
  graphiql: false,
  landingPage: false,
  logging: false,
});

/** What Yoga gives for one request, all of it optional in its types. */
type Enveloped = {
  parse: (query: string) => DocumentNode;
  validate: (schema: GraphQLSchema, document: DocumentNode) => readonly GraphQLError[];
  execute: (args: ExecutionArgs) => Promise<ExecutionResult>;
  contextFactory: () => unknown;
  schema: GraphQLSchema;
};

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const params: { query: string } = JSON.parse(await text(request));
  const { authorization = '' } = request.headers;
  const envelope: Enveloped = yoga.getEnveloped({ authorization, params });
  const { schema } = envelope;
  const document = envelope.parse(params.query);
  const errors = envelope.validate(schema, document);
  const result =
    errors.length > 0
      ? { errors }
      : await envelope.execute({ schema, document, contextValue: await envelope.contextFactory() });
  const body = JSON.stringify(result);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

createServer((request, response) => {
  if (request.method !== 'POST') response.end('ok');
  else answer(request, response).catch((error) => response.writeHead(500).end(String(error)));
}).listen(Number(PORT), '127.0.0.1');

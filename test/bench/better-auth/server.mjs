/**
 * better-auth as its documentation sets it up for Node.js and PostgreSQL, with the Argon2 parameters of Latchkey.
 * With COOKIE_CACHE it answers from a signed cookie and reads the session only every five minutes.
 * Makes its own tables; PEOPLE signs up that many, person1@bench.example and so on.
 */
import { createServer } from 'node:http';
import { Algorithm, hash, verify } from '@node-rs/argon2';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import pg from 'pg';

const { PORT, DATABASE_URL, PASSWORD = '', PEOPLE, COOKIE_CACHE, MEMORY_KIB, ITERATIONS } = process.env;

const cost = {
  algorithm: Algorithm.Argon2id,
  memoryCost: Number(MEMORY_KIB),
  timeCost: Number(ITERATIONS),
  parallelism: 1,
};
const options = {
  baseURL: `http://127.0.0.1:${PORT}`,
  secret: 'only good for a benchmark, 48 bytes and a bit more',
  database: new pg.Pool({ connectionString: DATABASE_URL, max: 10 }),
  emailAndPassword: {
    enabled: true,
    password: {
      hash: (password) => hash(password, cost),
      verify: ({ hash: stored, password }) => verify(stored, password),
    },
  },
  session: { cookieCache: { enabled: COOKIE_CACHE !== undefined, maxAge: 300 } },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  logger: { level: 'error' },
};

const { runMigrations } = await getMigrations(options);
await runMigrations();
const auth = betterAuth(options);
for (let number = 1; number <= Number(PEOPLE ?? 0); number += 1) {
  const email = `person${number}@bench.example`;
  await auth.api.signUpEmail({ body: { name: `Person ${number}`, email, password: PASSWORD } });
}
const handler = toNodeHandler(auth);

createServer((request, response) => {
  if (request.url === '/health') response.end('ok');
  else void handler(request, response);
}).listen(Number(PORT), '127.0.0.1');

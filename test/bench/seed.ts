/**
 * People with a password and a live session, written straight into the database, with tokens made by the service's own
 * parts.
 */

import type { JWK } from 'jose';
import { createApp } from '#app.ts';
import { parseConfig } from '#config/config.ts';
import { refreshTokenOf } from '#core/sessions/refresh-token.ts';
import type { NormalizedPassword } from '#outside/passwords/password-hasher.ts';

/** What the tokens of these people do not say anything about. */
const PLAIN = { username: null, phone: null, locale: 'en' };
/** A session in which the person has just signed in. */
const FRESH = { generation: 1, authenticatedAt: new Date(), secondFactorAt: null, amr: ['pwd'], method: 'password' };

export const PASSWORD = 'correct horse battery staple';

export type Person = {
  id: string;
  name: string;
  email: string;
  createdAt: string;
  accessToken: string;
  refreshToken: string;
  /** Of the device on which the person signs in, once they have. */
  deviceToken?: string;
};

export type Seeded = {
  /** In random order. */
  people: Person[];
  /** What verifies the access tokens. */
  publicKey: JWK;
  /** The Argon2id hash of PASSWORD that everyone has. */
  passwordHash: string;
};

/** So many people are made by one statement, which then stays far below the timeout of statements. */
const TOGETHER = 5000;

const MAKE_PEOPLE = {
  name: 'bench-people',
  text: `
    WITH made AS (
      INSERT INTO users (id, name, email, password_hash, role, locale, email_verified_at, created_at, updated_at)
      SELECT gen_random_uuid(), 'Person ' || n, 'person' || n || '@bench.example', $1, 'customer', 'en',
             now(), now(), now()
        FROM generate_series($2::int, $3::int) AS n
      RETURNING id)
    INSERT INTO sessions (id, user_id, created_at, authenticated_at, last_used_at, expires_at, absolute_expires_at)
    SELECT gen_random_uuid(), id, now(), now(), now(), now() + interval '14 days', now() + interval '30 days'
      FROM made`,
};
const ANALYZE = { name: 'bench-analyze', text: 'ANALYZE' };
const FIND_PEOPLE = {
  name: 'bench-find-people',
  text: `
    SELECT u.id, u.name, u.email, u.role, u.email_verified_at AS "emailVerifiedAt", u.created_at AS "createdAt",
           s.id AS "sessionId"
      FROM users u JOIN sessions s ON s.user_id = u.id ORDER BY random()`,
};

/** @param env settings of the service, with the database to fill; migrates it first */
export async function seed(env: Record<string, string>, users: number): Promise<Seeded> {
  const app = await createApp(parseConfig(env));
  const { database } = app.parts;
  try {
    const passwordHash = await app.parts.passwordHasher.hash(PASSWORD as NormalizedPassword);
    for (let first = 1; first <= users; first += TOGETHER) {
      await database.query(MAKE_PEOPLE, [passwordHash, first, Math.min(users, first + TOGETHER - 1)]);
    }
    await database.query(ANALYZE, []);
    const rows = await database.query<Row>(FIND_PEOPLE, []);
    const people = rows.map(({ sessionId, createdAt, ...user }) => ({
      ...user,
      createdAt: createdAt.toISOString(),
      accessToken: app.parts.accessTokens.issue({ ...PLAIN, ...user }, { ...FRESH, id: sessionId }).token,
      refreshToken: refreshTokenOf(app.parts, { ...FRESH, id: sessionId }),
    }));
    const [publicKey] = (await app.parts.keyRing.jwks()).keys;
    if (publicKey === undefined) throw new Error('The service has no key.');
    return { people, publicKey, passwordHash };
  } finally {
    await app.close();
  }
}

type Row = {
  id: string;
  name: string;
  email: string;
  role: string;
  emailVerifiedAt: Date;
  createdAt: Date;
  sessionId: string;
};

/**
 * The stored key ring and how it changes. A key is *next* (published, but not signing yet), then *active*, then
 * *retired* (still published and accepted). It is dropped when the last token it signed has expired.
 *
 * The state of a key follows from the time alone, so replicas need not communicate. Every change of the ring holds an
 * advisory lock and checks again before it writes, so that only one of several replicas creates the next key.
 */
import type { Config } from '#config/config.ts';
import { retryConflicts } from '#core/conflict.ts';
import type { Secrets } from '#core/secrets.ts';
import { HOUR_SECONDS, secondsAfter } from '#core/time.ts';
import { OperatorError } from '#errors/operator-error.ts';
import type { SigningKey } from '#generated/prisma/client.ts';
import type { Clock } from '#outside/clock.ts';
import type { Database, PrismaDb } from '#outside/database.ts';
import { generateKey, KeyRingLockedError, type NewKey, openKey, resealKey } from './signing-key.ts';

export type RingParts = {
  database: Database;
  secrets: Secrets;
  clock: Clock;
  /** New keys use JWT_ALG; the ring may also contain keys of other algorithms. */
  config: Pick<Config, 'jwtAlgorithm' | 'keyRotationSeconds' | 'accessTokenTtlSeconds'>;
};

/** Records the change, in the same transaction. */
type Recorder = (db: PrismaDb) => Promise<void>;

export type KeyState = 'next' | 'active' | 'retired';
/** A key signs from `activeAt` until `retiredAt`, or until a newer one signs. */
export type KeyTimes = Pick<SigningKey, 'activeAt' | 'retiredAt'>;

/** How long verifiers may cache the JWKS: long enough that they do not request it too often. */
export const JWKS_MAX_AGE_SECONDS = 300;
/** How long a key is published before it signs: twice the cache time, to allow for clock skew and caches in between. */
export const PUBLISH_SECONDS = 2 * JWKS_MAX_AGE_SECONDS;
/** The longest lifetime that any API sets for its access tokens, regardless of ACCESS_TOKEN_TTL. */
const LONGEST_API_TOKEN_SECONDS = HOUR_SECONDS;
/** Allows for clock skew, and for a replica that has not noticed yet that the key is retired. */
const DROP_MARGIN_SECONDS = 120;
/** An arbitrary number, the same in every replica. */
const KEY_RING_LOCK = 7_215_001;

/** When a retired key is dropped: when the last token that it signed has expired. */
export function dropsAt({ retiredAt }: KeyTimes, { config }: Pick<RingParts, 'config'>): Date | null {
  const seconds = Math.max(config.accessTokenTtlSeconds, LONGEST_API_TOKEN_SECONDS) + DROP_MARGIN_SECONDS;
  return retiredAt && secondsAfter(retiredAt, seconds);
}

export function keyState({ activeAt, retiredAt }: KeyTimes, now: Date): KeyState {
  if (activeAt > now) return 'next';
  return retiredAt !== null && retiredAt <= now ? 'retired' : 'active';
}

/** Whether to create the next key now, so that it is published long enough before the newest one retires. */
export function isRotationDue(newest: KeyTimes, { config, clock }: RingParts): boolean {
  if (config.keyRotationSeconds === null) return false;
  return secondsAfter(newest.activeAt, config.keyRotationSeconds - PUBLISH_SECONDS) <= clock();
}

/** Every stored key, newest last. */
export function readKeys(db: PrismaDb): Promise<SigningKey[]> {
  return db.signingKey.findMany({ orderBy: [{ activeAt: 'asc' }, { id: 'asc' }] });
}

/**
 * Prepares the ring at startup: every key is encrypted with SECRET, and the newest one uses JWT_ALG. The very first key
 * signs immediately; a key for a changed JWT_ALG is published first, like any other. Returns the kid of a new key, or
 * null. Fails with KeyRingLockedError without changing anything.
 */
export async function prepareKeys(parts: RingParts): Promise<string | null> {
  if (parts.secrets.previous !== null) await resealKeys(parts);
  else await requireOpenKeys(parts);
  return addKey(parts, (newest) => newest?.algorithm !== parts.config.jwtAlgorithm);
}

/** Creates the next key and returns its kid; null if there is a next key already. Fails with KeyRingLockedError. */
export async function addNextKey(parts: RingParts, record?: Recorder): Promise<string | null> {
  await requireOpenKeys(parts);
  return addKey(parts, (newest) => newest === undefined || newest.activeAt <= parts.clock(), record);
}

/** Like `addNextKey`, but only when KEY_ROTATION requires it. */
export function addNextKeyIfDue(parts: RingParts): Promise<string | null> {
  return addKey(parts, (newest) => newest === undefined || isRotationDue(newest, parts));
}

/**
 * Removes a key from the ring immediately: nothing that it signed is accepted anymore. The active key is replaced by
 * the next one, or by a new one that signs immediately. Returns the kid of the key that signs now. Fails with
 * OperatorError if there is no such key, and with KeyRingLockedError.
 */
export async function removeKey(parts: RingParts, kid: string, record?: Recorder): Promise<string> {
  await requireOpenKeys(parts);
  const spare = await generateKey(parts.config.jwtAlgorithm, parts.secrets);
  return locked(parts, async (db) => {
    const now = parts.clock();
    const keys = await readKeys(db);
    const left = keys.filter((key) => key.id !== kid);
    if (left.length === keys.length) {
      throw new OperatorError(`There is no key ${kid}. Run \`latchkey keys list\` to see all keys.`);
    }
    await db.signingKey.delete({ where: { id: kid } });
    await record?.(db);
    const newest = left.at(-1);
    // Its successor may be the key that was removed.
    if (newest !== undefined && keyState(newest, now) !== 'retired') {
      await db.signingKey.update({ where: { id: newest.id }, data: { retiredAt: null } });
    }
    const active = left.find((key) => keyState(key, now) === 'active');
    if (active !== undefined) return active.id;
    const next = left.find((key) => keyState(key, now) === 'next');
    if (next === undefined) await db.signingKey.create({ data: { ...spare, createdAt: now, activeAt: now } });
    else await db.signingKey.update({ where: { id: next.id }, data: { activeAt: now } });
    return next?.id ?? spare.id;
  });
}

/** Drops keys whose last token has expired. */
export async function dropEndedKeys(parts: RingParts): Promise<void> {
  const ended = (await readKeys(parts.database.prisma)).filter((key) => isEnded(key, parts));
  await parts.database.prisma.signingKey.deleteMany({ where: { id: { in: ended.map((key) => key.id) } } });
}

/** Whether every token that the key has signed must have expired. */
export function isEnded(key: KeyTimes, parts: RingParts): boolean {
  const end = dropsAt(key, parts);
  return end !== null && end <= parts.clock();
}

/** Creates a key if it is still wanted with the ring locked; the current signer retires when the new key starts. */
async function addKey(
  parts: RingParts,
  isWanted: (newest: SigningKey | undefined) => boolean,
  record?: Recorder,
): Promise<string | null> {
  // Also checked before locking: creating an RSA key is slow, and usually none is wanted.
  if (!isWanted((await readKeys(parts.database.prisma)).at(-1))) return null;
  const key: NewKey = await generateKey(parts.config.jwtAlgorithm, parts.secrets);
  return locked(parts, async (db) => {
    const newest = (await readKeys(db)).at(-1);
    if (!isWanted(newest)) return null;
    const now = parts.clock();
    const activeAt = newest === undefined ? now : secondsAfter(now, PUBLISH_SECONDS);
    await db.signingKey.updateMany({ where: { retiredAt: null }, data: { retiredAt: activeAt } });
    await db.signingKey.create({ data: { ...key, createdAt: now, activeAt } });
    await record?.(db);
    return key.id;
  });
}

/** Fails with KeyRingLockedError: a key encrypted with the wrong secret is one that no other replica could decrypt. */
export async function requireOpenKeys({ database, secrets }: RingParts): Promise<void> {
  for (const row of await readKeys(database.prisma)) {
    if ((await openKey(row, secrets)).signing === null) throw new KeyRingLockedError();
  }
}

/** Encrypts with SECRET what was encrypted with SECRET_PREVIOUS: all keys or, if one cannot be decrypted, none. */
async function resealKeys(parts: RingParts): Promise<void> {
  await locked(parts, async (db) => {
    for (const row of await readKeys(db)) {
      const privateJwe = await resealKey(row, parts.secrets);
      if (privateJwe !== null) await db.signingKey.update({ where: { id: row.id }, data: { privateJwe } });
    }
  });
}

/** Changes the ring in one transaction, under an exclusive lock. */
function locked<T>({ database }: RingParts, change: (db: PrismaDb) => Promise<T>): Promise<T> {
  return retryConflicts(() =>
    database.prisma.$transaction(async (db) => {
      await lockKeyRing(db);
      return change(db);
    }),
  );
}

/** Until the end of the transaction, nobody else changes the ring. */
export async function lockKeyRing(db: PrismaDb): Promise<void> {
  await db.$queryRaw`SELECT pg_advisory_xact_lock(${KEY_RING_LOCK}::bigint)::text`;
}

/**
 * The key ring as it is stored, and how it changes. A key is *next* (published, does not sign yet), then *active*, then
 * *retired* (still published and accepted), and is dropped when the last token it signed has ended.
 *
 * Which state a key is in follows from the time alone, so replicas need not tell each other. Every change of the ring
 * holds one advisory lock and looks again before it writes: of any number of replicas at once, one makes the next key.
 */
import type { Config } from '#config/config.ts';
import type { Secrets } from '#core/secrets.ts';
import { OperatorError } from '#errors.ts';
import type { SigningKey } from '#generated/prisma/client.ts';
import type { Clock } from '#outside/clock.ts';
import type { Database, PrismaDb } from '#outside/database.ts';
import { generateKey, KeyRingLockedError, type NewKey, openKey, resealKey } from './signing-key.ts';

export type RingParts = {
  database: Database;
  secrets: Secrets;
  clock: Clock;
  /** JWT_ALG is that of the keys that are made; the ring may hold keys of others. */
  config: Pick<Config, 'jwtAlgorithm' | 'keyRotationSeconds' | 'accessTokenTtlSeconds'>;
};

/** Writes down what was done, in the same transaction. */
type Recorder = (db: PrismaDb) => Promise<void>;

export type KeyState = 'next' | 'active' | 'retired';
/** When a key signs: from `activeAt` until `retiredAt`, or until a newer one does. */
export type KeyTimes = Pick<SigningKey, 'activeAt' | 'retiredAt'>;

/** How long verifiers may keep the JWKS: long enough that they do not hammer. */
export const JWKS_MAX_AGE_SECONDS = 300;
/** How long a key is published before it signs: twice the above, for clocks that are wrong and caches between. */
export const PUBLISH_SECONDS = 2 * JWKS_MAX_AGE_SECONDS;
/** The longest life of an access token that an API asks for itself, whatever ACCESS_TOKEN_TTL is. */
const LONGEST_API_TOKEN_SECONDS = 3600;
/** Clocks that are wrong, and a replica that has not yet seen that the key is retired. */
const DROP_MARGIN_SECONDS = 120;
/** Any number will do; it must be the same in every replica. */
const KEY_RING_LOCK = 7_215_001;

/** When a retired key is dropped: the last token that it signed has ended. */
export function dropsAt({ retiredAt }: KeyTimes, { config }: Pick<RingParts, 'config'>): Date | null {
  const seconds = Math.max(config.accessTokenTtlSeconds, LONGEST_API_TOKEN_SECONDS) + DROP_MARGIN_SECONDS;
  return retiredAt && new Date(retiredAt.getTime() + seconds * 1000);
}

export function keyState({ activeAt, retiredAt }: KeyTimes, now: Date): KeyState {
  if (activeAt > now) return 'next';
  return retiredAt !== null && retiredAt <= now ? 'retired' : 'active';
}

/** Whether the next key is to be made, so that it is published long enough when the newest has signed its time. */
export function isRotationDue(newest: KeyTimes, { config, clock }: RingParts): boolean {
  if (config.keyRotationSeconds === null) return false;
  return newest.activeAt.getTime() + (config.keyRotationSeconds - PUBLISH_SECONDS) * 1000 <= clock().getTime();
}

/** Every stored key, the newest last. */
export function readKeys(db: PrismaDb): Promise<SigningKey[]> {
  return db.signingKey.findMany({ orderBy: [{ activeAt: 'asc' }, { id: 'asc' }] });
}

/**
 * The ring as a start wants it: openable, encrypted under SECRET, with a newest key of JWT_ALG. The very first key
 * signs at once; one of a changed JWT_ALG is published first, as every other. Gives the kid of a key that was made.
 * Fails with KeyRingLockedError, having changed nothing.
 */
export async function prepareKeys(parts: RingParts): Promise<string | null> {
  if (parts.secrets.previous !== null) await resealKeys(parts);
  else await requireOpenKeys(parts);
  return addKey(parts, (newest) => newest?.algorithm !== parts.config.jwtAlgorithm);
}

/** Makes the next key and tells its kid; null when one is waiting already. Fails with KeyRingLockedError. */
export async function addNextKey(parts: RingParts, record?: Recorder): Promise<string | null> {
  await requireOpenKeys(parts);
  return addKey(parts, (newest) => newest === undefined || newest.activeAt <= parts.clock(), record);
}

/** As `addNextKey`, when KEY_ROTATION says so. */
export function addNextKeyIfDue(parts: RingParts): Promise<string | null> {
  return addKey(parts, (newest) => newest === undefined || isRotationDue(newest, parts));
}

/**
 * Takes a key out of the ring at once: nothing that it signed is accepted any more. The active key is replaced by the
 * next one, or by a new one, which signs at once; gives the kid of what signs now. Fails with OperatorError when there
 * is no such key, and with KeyRingLockedError.
 */
export async function removeKey(parts: RingParts, kid: string, record?: Recorder): Promise<string> {
  await requireOpenKeys(parts);
  const spare = await generateKey(parts.config.jwtAlgorithm, parts.secrets);
  return locked(parts, async (db) => {
    const now = parts.clock();
    const keys = await readKeys(db);
    const left = keys.filter((key) => key.id !== kid);
    if (left.length === keys.length) {
      throw new OperatorError(`There is no key ${kid}; \`latchkey keys list\` names them.`);
    }
    await db.signingKey.delete({ where: { id: kid } });
    await record?.(db);
    const newest = left.at(-1);
    // What was to follow it may be gone.
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

/** Drops keys whose last token has ended. */
export async function dropEndedKeys(parts: RingParts): Promise<void> {
  const ended = (await readKeys(parts.database.prisma)).filter((key) => isEnded(key, parts));
  await parts.database.prisma.signingKey.deleteMany({ where: { id: { in: ended.map((key) => key.id) } } });
}

/** Whether no token can be alive that the key has signed. */
export function isEnded(key: KeyTimes, parts: RingParts): boolean {
  const end = dropsAt(key, parts);
  return end !== null && end <= parts.clock();
}

/** Makes a key if, with the ring held, it is (still) wanted; whatever signs until then ends when the new one begins. */
async function addKey(
  parts: RingParts,
  isWanted: (newest: SigningKey | undefined) => boolean,
  record?: Recorder,
): Promise<string | null> {
  // Looked at before as well: making an RSA key takes long, and mostly none is wanted.
  if (!isWanted((await readKeys(parts.database.prisma)).at(-1))) return null;
  const key: NewKey = await generateKey(parts.config.jwtAlgorithm, parts.secrets);
  return locked(parts, async (db) => {
    const newest = (await readKeys(db)).at(-1);
    if (!isWanted(newest)) return null;
    const now = parts.clock();
    const activeAt = newest === undefined ? now : new Date(now.getTime() + PUBLISH_SECONDS * 1000);
    await db.signingKey.updateMany({ where: { retiredAt: null }, data: { retiredAt: activeAt } });
    await db.signingKey.create({ data: { ...key, createdAt: now, activeAt } });
    await record?.(db);
    return key.id;
  });
}

/** Fails with KeyRingLockedError: a key made under the wrong secret would be one that no replica can open. */
export async function requireOpenKeys({ database, secrets }: RingParts): Promise<void> {
  for (const row of await readKeys(database.prisma)) {
    if ((await openKey(row, secrets)).signing === null) throw new KeyRingLockedError();
  }
}

/** Encrypts under SECRET what was encrypted under SECRET_PREVIOUS: all keys or, when one cannot be opened, none. */
async function resealKeys(parts: RingParts): Promise<void> {
  await locked(parts, async (db) => {
    for (const row of await readKeys(db)) {
      const privateJwe = await resealKey(row, parts.secrets);
      if (privateJwe !== null) await db.signingKey.update({ where: { id: row.id }, data: { privateJwe } });
    }
  });
}

/** Changes the ring in one transaction, while nobody else does. */
function locked<T>({ database }: RingParts, change: (db: PrismaDb) => Promise<T>): Promise<T> {
  return database.prisma.$transaction(async (db) => {
    await db.$queryRaw`SELECT pg_advisory_xact_lock(${KEY_RING_LOCK}::bigint)::text`;
    return change(db);
  });
}

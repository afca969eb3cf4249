/**
 * The signing keys of access tokens, as held by one process. They are stored in the database (key-rotation.ts), so that
 * all replicas share one ring. Each replica reads it again after a few seconds, and the first to notice that the next
 * key is due creates it. No restart and no communication between replicas is needed.
 */
import type { KeyObject } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { JWK } from 'jose';
import type { JwtAlgorithm } from '#config/tokens/token-settings.ts';
import { OperatorError } from '#errors/operator-error.ts';
import { logFault } from '#errors/outage.ts';
import type { SigningKey } from '#generated/prisma/client.ts';
import type { Database } from '#outside/database.ts';
import type { Log } from '#outside/log.ts';
import {
  addNextKeyIfDue,
  dropEndedKeys,
  isEnded,
  isRotationDue,
  type KeyTimes,
  prepareKeys,
  type RingParts,
  readKeys,
  requireOpenKeys,
} from './key-rotation.ts';
import { KEY_ID, type OpenKey, openKey, type VerifyingKey } from './signing-key.ts';

export type KeyRing = {
  /** The key that currently signs, and since when. */
  signer: () => { kid: string; algorithm: JwtAlgorithm; key: KeyObject; activeAt: Date };
  /**
   * The key with this id that may verify, or null. An unknown key is looked up in the database. Lookups are batched
   * once a second, so this may take a second and must not be called in a transaction. Fails if the database does not
   * respond, because that does not make a token invalid.
   */
  verifier: (kid: string) => Promise<{ kid: string; algorithm: JwtAlgorithm; key: VerifyingKey } | null>;
  /** The public keys, as served at /.well-known/jwks.json (RFC 7517). */
  jwks: () => Promise<{ keys: JWK[] }>;
  /** The algorithms with which valid tokens may be signed. */
  algorithms: () => Promise<JwtAlgorithm[]>;
  /** Waits for a read in progress; the ring is not read again. */
  close: () => Promise<void>;
};

/** Fails if the database has keys already: a new secret could not decrypt them. */
export async function requireNoKeys(database: Database, secretFile: string): Promise<void> {
  if ((await database.prisma.signingKey.count()) > 0) throw new SecretMissingError(secretFile);
}

class SecretMissingError extends OperatorError {
  constructor(secretFile: string) {
    super(
      `The database contains keys, but their secret is missing. Restore ${secretFile} or set SECRET. Nothing was changed.`,
    );
  }
}

type RingOptions = {
  log: Log;
  /** Whether to create and drop keys as the settings require (the default); otherwise the ring is read-only. */
  tendsKeys?: boolean;
};
type Entry = OpenKey & KeyTimes;

/** How old the held keys may get. Within this time, every replica knows about a key that was added or removed. */
const STALE_MS = 10_000;
/** The minimum time between two reads of the database because of unknown key ids. */
const LOOKUP_INTERVAL_MS = 1000;
/** How often an idle process checks whether a key is due or has ended. */
const IDLE_INTERVAL_MS = 60_000;

/**
 * Opens the ring and creates the first key if there is none; replicas that start together create only one.
 * Fails with KeyRingLockedError, without changing anything, if SECRET does not decrypt the stored keys.
 */
export async function openKeyRing(parts: RingParts & RingOptions): Promise<KeyRing> {
  const { clock, log, database, tendsKeys = true } = parts;
  const made = tendsKeys ? await prepareKeys(parts) : null;
  await requireOpenKeys(parts);
  let entries: readonly Entry[] = [];
  let readAt = 0;
  let lookedUpAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;
  let lookup: Promise<void> | null = null;
  let isClosed = false;

  async function open(row: SigningKey): Promise<OpenKey> {
    const key = await openKey(row, parts.secrets);
    if (key.signing === null)
      log.warn({ kid: key.kid }, 'a key was encrypted with a different SECRET; it can only verify here');
    return key;
  }

  async function load(): Promise<void> {
    const known = new Map(entries.map((entry) => [entry.kid, entry]));
    const rows = await readKeys(database.prisma);
    entries = await Promise.all(
      rows.map(async (row) => ({
        // Decrypt each key once: another replica may encrypt it with a new SECRET while this one still has the old one.
        ...(known.get(row.id) ?? (await open(row))),
        activeAt: row.activeAt,
        retiredAt: row.retiredAt,
      })),
    );
  }

  /** Creates the next key when it is due, and drops keys that have ended. */
  async function tend(): Promise<void> {
    const newest = entries.at(-1);
    if (newest !== undefined && isRotationDue(newest, parts)) {
      const kid = await addNextKeyIfDue(parts);
      if (kid !== null) log.info({ kid }, 'created the next signing key');
      await load();
    }
    if (entries.some((entry) => isEnded(entry, parts))) await dropEndedKeys(parts);
  }

  /** Fails if the database does not respond; the held keys then stay. */
  async function read(): Promise<void> {
    readAt = clock().getTime();
    await load();
    if (tendsKeys) await tend().catch((error) => logFault(log, error, {}, 'cannot change the key ring'));
  }

  /** Reads once at a time; concurrent callers share the same read. */
  async function readOnce(): Promise<void> {
    if (isClosed) return;
    reading ??= read()
      .catch((error) => {
        logFault(log, error, {}, 'cannot read the key ring');
        throw error;
      })
      .finally(() => {
        reading = null;
      });
    await reading;
  }

  const isStale = () => Math.abs(clock().getTime() - readAt) >= STALE_MS;

  /** Without the database, the held keys stay in use: an outage of the database must not stop signature checks. */
  async function refresh(): Promise<void> {
    if (isStale()) await readOnce().catch(() => {});
  }

  async function readSoon(): Promise<void> {
    await setTimeout(Math.max(0, lookedUpAt + LOOKUP_INTERVAL_MS - performance.now()));
    lookedUpAt = performance.now();
    lookup = null;
    await reading?.catch(() => {}); // It may have started before the key was created.
    await readOnce();
  }

  const accepted = () => entries.filter((entry) => !isEnded(entry, parts));
  const find = (kid: string) => entries.find((entry) => entry.kid === kid && !isEnded(entry, parts));

  await load();
  readAt = clock().getTime();
  const current = signerOf(entries, clock());
  if (made !== null && made !== current?.kid)
    log.info({ kid: made }, 'published a key for the new JWT_ALG; it starts signing soon');
  const idle = setInterval(() => void refresh(), IDLE_INTERVAL_MS).unref();

  return {
    signer: () => {
      void refresh();
      const entry = signerOf(entries, clock());
      if (entry === undefined) throw new Error('The key ring contains no key that can sign.');
      return entry;
    },
    verifier: async (kid) => {
      // On the path of every request, where a promise for nothing can be measured.
      if (isStale()) await refresh();
      if (find(kid) === undefined && KEY_ID.test(kid)) {
        lookup ??= readSoon();
        await lookup;
      }
      const entry = find(kid);
      return entry === undefined ? null : { kid: entry.kid, algorithm: entry.algorithm, key: entry.verifying };
    },
    jwks: async () => {
      await refresh();
      return { keys: accepted().flatMap(({ publicJwk }) => publicJwk ?? []) };
    },
    algorithms: async () => {
      await refresh();
      return [...new Set(accepted().map(({ algorithm }) => algorithm))];
    },
    close: async () => {
      isClosed = true;
      clearInterval(idle);
      await reading?.catch(() => {});
    },
  };
}

/**
 * The key that started signing most recently, of those this process can decrypt. If none has started yet, because the
 * clock was set back, the newest one: other replicas accept it, and no service would be better than that.
 */
function signerOf(entries: readonly Entry[], now: Date) {
  const able = entries.flatMap(({ kid, algorithm, signing, activeAt }) =>
    signing === null ? [] : [{ kid, algorithm, key: signing, activeAt }],
  );
  return able.findLast(({ activeAt }) => activeAt <= now) ?? able.at(-1);
}

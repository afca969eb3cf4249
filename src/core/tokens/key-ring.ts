/**
 * The keys of access tokens, as one process holds them. They live in the database (key-rotation.ts), so that all
 * replicas share one ring: each reads it again when what it holds is older than some seconds, and whoever comes first
 * when the next key is due makes it. Nothing has to be restarted and no replica has to tell another.
 */
import type { KeyObject } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { JWK } from 'jose';
import type { JwtAlgorithm } from '#config/config.ts';
import { OperatorError } from '#errors.ts';
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
  /** The key that signs now. */
  signer: () => { kid: string; algorithm: JwtAlgorithm; key: KeyObject };
  /**
   * The key of that name that may verify, or null. An unknown one is looked for in the database: together with all
   * others that are asked for meanwhile, once a second, so it may take a second and must not be asked in a transaction.
   * Fails when the database does not answer then: that is no reason to call a token bad.
   */
  verifier: (kid: string) => Promise<{ algorithm: JwtAlgorithm; key: VerifyingKey } | null>;
  /** The public halves, as served at /.well-known/jwks.json (RFC 7517). */
  jwks: () => Promise<{ keys: JWK[] }>;
  /** The algorithms that tokens alive may be signed with. */
  algorithms: () => Promise<JwtAlgorithm[]>;
  /** Waits for what is under way; the ring is not read again. */
  close: () => Promise<void>;
};

/** Fails when the database has keys already: a new secret could not open them. */
export async function requireNoKeys(database: Database, secretFile: string): Promise<void> {
  if ((await database.prisma.signingKey.count()) > 0) throw new SecretMissingError(secretFile);
}

class SecretMissingError extends OperatorError {
  constructor(secretFile: string) {
    super(
      `The database holds keys, but their secret is missing: put ${secretFile} back or set SECRET; nothing was changed.`,
    );
  }
}

type RingOptions = {
  log: Log;
  /** Makes and drops keys as the settings want it, which is the default; otherwise the ring is read only. */
  tendsKeys?: boolean;
};
type Entry = OpenKey & KeyTimes;

/** How old what is held may be, by the clock: within this every replica knows of a key that was made or taken out. */
const STALE_MS = 10_000;
/** How often at most unknown names make the ring read the database. */
const LOOKUP_INTERVAL_MS = 1000;
/** How often a process that nobody asks looks whether a key is due or has ended. */
const IDLE_INTERVAL_MS = 60_000;

/**
 * Opens the ring and makes its first key when there is none; replicas that start together make one.
 * Fails with KeyRingLockedError when SECRET does not open what is stored, and then changes nothing.
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
    if (key.signing === null) log.warn({ kid: key.kid }, 'a key was made under another SECRET; it only verifies here');
    return key;
  }

  async function load(): Promise<void> {
    const known = new Map(entries.map((entry) => [entry.kid, entry]));
    const rows = await readKeys(database.prisma);
    entries = await Promise.all(
      rows.map(async (row) => ({
        // A key is opened once: another replica may encrypt it under a new SECRET while we live on with the old one.
        ...(known.get(row.id) ?? (await open(row))),
        activeAt: row.activeAt,
        retiredAt: row.retiredAt,
      })),
    );
  }

  /** Makes the next key when it is due, and drops what has ended. */
  async function tend(): Promise<void> {
    const newest = entries.at(-1);
    if (newest !== undefined && isRotationDue(newest, parts)) {
      const kid = await addNextKeyIfDue(parts);
      if (kid !== null) log.info({ kid }, 'next signing key made');
      await load();
    }
    if (entries.some((entry) => isEnded(entry, parts))) await dropEndedKeys(parts);
  }

  /** Fails when the database does not answer; what is held stays then. */
  async function read(): Promise<void> {
    readAt = clock().getTime();
    await load();
    if (tendsKeys) await tend().catch((error) => log.error({ err: error }, 'the key ring cannot be changed'));
  }

  /** One reading at a time, for everybody who waits for one. */
  async function readOnce(): Promise<void> {
    if (isClosed) return;
    reading ??= read()
      .catch((error) => {
        log.warn({ err: error }, 'the key ring cannot be read');
        throw error;
      })
      .finally(() => {
        reading = null;
      });
    await reading;
  }

  /** Without the database the keys at hand go on: signatures are no reason to be down. */
  async function refresh(): Promise<void> {
    if (Math.abs(clock().getTime() - readAt) >= STALE_MS) await readOnce().catch(() => {});
  }

  async function readSoon(): Promise<void> {
    await setTimeout(Math.max(0, lookedUpAt + LOOKUP_INTERVAL_MS - performance.now()));
    lookedUpAt = performance.now();
    lookup = null;
    await reading?.catch(() => {}); // It may have begun before the key was made.
    await readOnce();
  }

  const accepted = () => entries.filter((entry) => !isEnded(entry, parts));
  const find = (kid: string) => accepted().find((entry) => entry.kid === kid);

  await load();
  readAt = clock().getTime();
  const current = signerOf(entries, clock());
  if (made !== null && made !== current?.kid)
    log.info({ kid: made }, 'key of the new JWT_ALG published, it signs soon');
  const idle = setInterval(() => void refresh(), IDLE_INTERVAL_MS).unref();

  return {
    signer: () => {
      void refresh();
      const entry = signerOf(entries, clock());
      if (entry === undefined) throw new Error('The key ring holds no key that signs.');
      return entry;
    },
    verifier: async (kid) => {
      await refresh();
      if (find(kid) === undefined && KEY_ID.test(kid)) {
        lookup ??= readSoon();
        await lookup;
      }
      const entry = find(kid);
      return entry === undefined ? null : { algorithm: entry.algorithm, key: entry.verifying };
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

/** The key that began to sign last, of those this process can open. */
function signerOf(entries: readonly Entry[], now: Date) {
  for (const { kid, algorithm, signing, activeAt } of entries.toReversed()) {
    if (activeAt <= now && signing !== null) return { kid, algorithm, key: signing };
  }
  return undefined;
}

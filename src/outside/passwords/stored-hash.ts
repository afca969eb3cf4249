/**
 * Reads stored password hashes: our own (Argon2id, RFC 9106) and those of imported users, as PHC strings
 * (github.com/P-H-C/phc-string-format), in Django's format, or in bcrypt's own. Weak ones among the latter are stored
 * wrapped: see wrapped-hash.ts.
 *
 * The stored hash decides what checking a password costs, and every check occupies a hash slot. So each kind has limits
 * of about two seconds and 1 GiB, so that no forged or damaged row can stop the service.
 */

/** The cost of Argon2id; the parallelism is always 1. */
export type HashCost = { memoryKib: number; iterations: number };

export type Argon2Hash = HashCost & {
  kind: 'argon2';
  /** The PHC string, without Django's prefix. */
  text: string;
  type: 'id' | 'i' | 'd';
  version: 16 | 19;
  parallelism: number;
  salt: Buffer;
  key: Buffer;
  /** Whether it has the version, type, and lengths of our own hashes. */
  isCurrentKind: boolean;
};

/** Hashes that are not Argon2. */
export type ForeignHash =
  | {
      kind: 'bcrypt';
      text: string;
      /** Django's bcrypt_sha256: bcrypt of the hexadecimal SHA-256 of the password. */
      isOfDigest: boolean;
    }
  | { kind: 'scrypt'; cost: { N: number; r: number; p: number }; salt: Buffer; key: Buffer }
  | { kind: 'pbkdf2'; digest: 'sha1' | 'sha256' | 'sha512'; iterations: number; salt: Buffer; key: Buffer };

/** Argon2id over a weak hash, usually of another system. The key of `inner` is blank. */
export type WrappedHash = { kind: 'wrapped'; inner: InnerHash; outer: Argon2Hash };

/** What can be wrapped. */
export type InnerHash = ForeignHash | Argon2Hash;

export type StoredHash = Argon2Hash | ForeignHash | WrappedHash;

/** The hash, or why it cannot be used; the reason contains no part of the hash. */
export type ReadHash = { ok: true; hash: StoredHash } | { ok: false; problem: string };

const ARGON2_MAX_KIB = 1_048_576;
const ARGON2_MAX_KIB_PASSES = 4_194_304;
const BCRYPT_MAX_COST = 15;
const SCRYPT_MAX_BYTES = 268_435_456;
const SCRYPT_MAX_BYTES_PASSES = 2_147_483_648;
const PBKDF2_MAX_ITERATIONS = 4_000_000;
/** Longer than any format with 64 bytes of salt and 64 bytes of hash. */
export const MAX_HASH_LENGTH = 512;
/** What begins a wrapped hash: the hash of the other system follows, and then the PHC string around it. */
export const WRAPPED = '$wrapped$';

const BASE64 = '[A-Za-z0-9+/]+={0,2}';
const ARGON2 =
  /^(?:argon2)?\$argon2(id|i|d)(?:\$v=(16|19))?\$([mtp]=[1-9]\d{0,8}(?:,[mtp]=[1-9]\d{0,8}){2})\$([A-Za-z0-9+/]{11,64})\$([A-Za-z0-9+/]{22,86})$/;
const BCRYPT = /^(?:bcrypt\$|(bcrypt_sha256)\$)?(\$2([abxy])\$(\d\d)\$[./A-Za-z0-9]{53})$/;
const SCRYPT = new RegExp(
  `^\\$scrypt\\$ln=(?<ln>\\d{1,2}),r=(?<r>\\d{1,9}),p=(?<p>\\d{1,9})\\$(?<salt>${BASE64})\\$(?<key>${BASE64})$`,
);
const SCRYPT_DJANGO = new RegExp(
  `^scrypt\\$(?<n>\\d{1,9})\\$(?<salt>[^$]+)\\$(?<r>\\d{1,9})\\$(?<p>\\d{1,9})\\$(?<key>${BASE64})$`,
);
const PBKDF2 =
  /^\$pbkdf2(?:-(?<digest>sha1|sha256|sha512))?\$(?:i=)?(?<iterations>\d{1,12})(?:,l=\d{1,3})?\$(?<salt>[A-Za-z0-9+/.]+)\$(?<key>[A-Za-z0-9+/.]+)$/;
const PBKDF2_DJANGO = new RegExp(
  `^pbkdf2_(?<digest>sha1|sha256|sha512)\\$(?<iterations>\\d{1,12})\\$(?<salt>[^$]+)\\$(?<key>${BASE64})$`,
);

/** @param own the current cost of our own hashes, which is always accepted */
export function readStoredHash(text: string, own: HashCost): ReadHash {
  if (text.length > MAX_HASH_LENGTH) return refuse('is too long');
  if (text.startsWith(WRAPPED)) return readWrapped(text, own);
  if (/^(?:argon2)?\$argon2/.test(text)) return readArgon2(text, own);
  if (/^(?:bcrypt(?:_sha256)?\$)?\$2/.test(text)) return readBcrypt(text);
  if (/^\$?scrypt\$/.test(text)) return readScrypt(text);
  if (/^(?:\$pbkdf2|pbkdf2_)/.test(text)) return readPbkdf2(text);
  return refuse(
    'is not of a known kind: argon2, bcrypt, scrypt, or PBKDF2, as a PHC string or in the format of Django',
  );
}

function readWrapped(text: string, own: HashCost): ReadHash {
  const [, inside = '', around = ''] = /^\$wrapped\$(.+)(\$argon2id\$v=19\$.+)$/.exec(text) ?? [];
  const inner = readStoredHash(inside, own);
  const outer = readArgon2(around, own);
  if (!inner.ok || !outer.ok || outer.hash.kind !== 'argon2') return refuse('is not a complete wrapped hash');
  if (inner.hash.kind === 'wrapped') return refuse('wraps a wrapped hash');
  return accept({ kind: 'wrapped', inner: inner.hash, outer: outer.hash });
}

function readArgon2(text: string, own: HashCost): ReadHash {
  const [, type = '', version = '16', parameters = '', salt = '', key = ''] = ARGON2.exec(text) ?? [];
  const costs = new Map(parameters.split(',').map((pair) => [pair.charAt(0), Number(pair.slice(2))]));
  const [memoryKib = 0, iterations = 0, parallelism = 0] = ['m', 't', 'p'].map((name) => costs.get(name));
  const isPossible = ![memoryKib, iterations, parallelism].includes(0) && memoryKib >= 8 * parallelism;
  const [saltBytes, keyBytes] = [fromBase64(salt), fromBase64(key)];
  if (!isPossible || parallelism > 255 || saltBytes === null || keyBytes === null) {
    return refuse('is not a complete argon2 hash');
  }
  const isTooExpensive =
    memoryKib > Math.max(ARGON2_MAX_KIB, own.memoryKib) ||
    memoryKib * iterations > Math.max(ARGON2_MAX_KIB_PASSES, own.memoryKib * own.iterations) ||
    iterations > Math.max(100, own.iterations);
  if (isTooExpensive) return refuse('costs more than 1 GiB, 4 GiB over all passes, or 100 passes');
  return accept({
    kind: 'argon2',
    text: text.replace(/^argon2/, ''),
    type: type as 'id',
    version: Number(version) as 19,
    memoryKib,
    iterations,
    parallelism,
    salt: saltBytes,
    key: keyBytes,
    isCurrentKind: type === 'id' && version === '19' && salt.length >= 22 && key.length >= 43,
  });
}

function readBcrypt(text: string): ReadHash {
  const [, digested, hash = '', variant, cost = ''] = BCRYPT.exec(text) ?? [];
  if (hash === '') return refuse('is not a complete bcrypt hash');
  if (variant === 'x') return refuse('uses the insecure bcrypt variant $2x');
  if (Number(cost) < 4 || Number(cost) > BCRYPT_MAX_COST)
    return refuse(`has a cost other than 4 to ${BCRYPT_MAX_COST}`);
  return accept({ kind: 'bcrypt', text: hash, isOfDigest: digested !== undefined });
}

function readScrypt(text: string): ReadHash {
  const groups = (SCRYPT.exec(text) ?? SCRYPT_DJANGO.exec(text))?.groups;
  const { ln, n, r = '', p = '', salt = '', key = '' } = groups ?? {};
  const saltBytes = n === undefined ? fromBase64(salt) : Buffer.from(salt);
  const keyBytes = fromBase64(key);
  const cost = { N: n === undefined ? 2 ** Number(ln) : Number(n), r: Number(r), p: Number(p) };
  const isPossible = cost.N >= 2 && Number.isInteger(Math.log2(cost.N)) && cost.r >= 1 && cost.p >= 1;
  if (groups === undefined || !isPossible || saltBytes === null || !isKey(keyBytes)) {
    return refuse('is not a complete scrypt hash');
  }
  const bytes = 128 * cost.N * cost.r;
  // RFC 7914 section 2: the blocks of all lanes are in memory at once, in addition to the large table.
  if (bytes + 128 * cost.r * cost.p > SCRYPT_MAX_BYTES || bytes * cost.p > SCRYPT_MAX_BYTES_PASSES) {
    return refuse('costs more than 256 MiB, or 2 GiB over all lanes');
  }
  return accept({ kind: 'scrypt', cost, salt: saltBytes, key: keyBytes });
}

function readPbkdf2(text: string): ReadHash {
  const django = PBKDF2_DJANGO.exec(text)?.groups;
  const groups = django ?? PBKDF2.exec(text)?.groups;
  const { digest = 'sha1', salt = '', key = '' } = groups ?? {};
  const iterations = Number(groups?.['iterations']);
  // Some systems write a dot instead of the plus of Base64.
  const saltBytes = django === undefined ? fromBase64(salt.replaceAll('.', '+')) : Buffer.from(salt);
  const keyBytes = fromBase64(key.replaceAll('.', '+'));
  if (groups === undefined || !(iterations >= 1) || saltBytes === null || !isKey(keyBytes)) {
    return refuse('is not a complete PBKDF2 hash');
  }
  if (iterations > PBKDF2_MAX_ITERATIONS) return refuse(`has more than ${PBKDF2_MAX_ITERATIONS} iterations`);
  return accept({ kind: 'pbkdf2', digest: digest as 'sha1', iterations, salt: saltBytes, key: keyBytes });
}

/** A password hash has at least 128 bits; none has more than 512. */
function isKey(bytes: Buffer | null): bytes is Buffer {
  return bytes !== null && bytes.length >= 16 && bytes.length <= 64;
}

/** The bytes of a Base64 text (RFC 4648 section 4) with or without padding; null if it is not Base64. */
function fromBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return toBase64(bytes) === text.replace(/=+$/, '') ? bytes : null;
}

/** PHC strings have no padding. */
export function toBase64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

function accept(hash: StoredHash): ReadHash {
  return { ok: true, hash };
}

function refuse(problem: string): ReadHash {
  return { ok: false, problem };
}

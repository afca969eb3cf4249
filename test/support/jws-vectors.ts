/**
 * Forged tokens of the classes that Wycheproof's vectors for JSON Web Signatures have (C2SP, json_web_signature_test):
 * missing and additional parts, JSON serialization, `none`, keys in the header, public keys as secrets, signatures of
 * another algorithm by the same key, and signatures whose padding or numbers are modified. They are made here, for any
 * key and any claims, so that each would be accepted but for the one thing that is wrong with it.
 */
import {
  constants,
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  privateEncrypt,
  publicDecrypt,
  sign as signBytes,
} from 'node:crypto';
import type { JwtAlgorithm } from '#config/tokens/token-settings.ts';
import { hs256, jws, type Signer } from './jws.ts';

type Members = Record<string, unknown>;
export type Forged = Record<string, string>;
/** Header and claims as the service writes them, and the key that signs them. */
export type Original = { header: Members & { alg: JwtAlgorithm }; claims: Members; key: KeyObject };

const HASHES = ['sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'md5'] as const;
/** DER of DigestInfo up to the hash (RFC 8017 section 9.2, note 1). */
const SHA256_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');

/** The signature that the key's own algorithm gives. */
export function signerFor({ header: { alg }, key }: Original): Signer {
  if (alg === 'HS256') return hs256(key);
  if (alg === 'EdDSA') return (input) => signBytes(null, Buffer.from(input), key);
  return (input) => signBytes('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363', ...PADDING[alg] });
}

const PADDING = {
  ES256: {},
  RS256: { padding: constants.RSA_PKCS1_PADDING },
  PS256: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 },
} as const;

/** All of them, by what is wrong. */
export function forgedTokens(original: Original): Forged {
  return {
    ...incomplete(original),
    ...withoutAlgorithm(original),
    ...withKeysInTheHeader(original),
    ...withAnotherAlgorithm(original),
    ...(original.header.alg === 'HS256' ? {} : signedWithThePublicKey(original)),
    ...(original.header.alg === 'RS256' ? withModifiedPkcs1(original) : {}),
    ...(original.header.alg === 'PS256' ? withModifiedPss(original) : {}),
    ...(original.header.alg === 'ES256' ? withModifiedEcdsa(original) : {}),
    ...withModifiedBytes(original),
  };
}

function incomplete(original: Original): Forged {
  const { header, claims } = original;
  const [head = '', body = '', signature = ''] = jws(header, claims, signerFor(original)).split('.');
  const general = { payload: body, signatures: [{ protected: head, signature }] };
  return {
    'no signature': `${head}.${body}.`,
    'no signature and no period': `${head}.${body}`,
    'no claims': `${head}..${signature}`,
    'no claims and no period': `${head}.${signature}`,
    'no header': `.${body}.${signature}`,
    'no header and no period': `${body}.${signature}`,
    'claims alone': `.${body}.`,
    'claims without periods': body,
    'periods alone': '..',
    nothing: '',
    'an empty part more': `${head}.${body}.${signature}.`,
    'a part more': `${head}.${body}.${signature}.Zm9v`,
    'five parts, as JWE': `${head}.${body}.${signature}.Zm9v.Zm9v`,
    'general JSON': JSON.stringify(general),
    'general JSON, unfinished': JSON.stringify(general).slice(0, -1),
    'general JSON with an unprotected header': JSON.stringify({
      payload: body,
      signatures: [{ protected: head, header: { x: 1 }, signature }],
    }),
    'flattened JSON': JSON.stringify({ payload: body, protected: head, signature }),
    'the claims of another': `${head}.${Buffer.from(JSON.stringify({ ...claims, sub: 'x' })).toString('base64url')}.${signature}`,
    'the header of another': `${Buffer.from(JSON.stringify({ ...header, x: 1 })).toString('base64url')}.${body}.${signature}`,
  };
}

function withoutAlgorithm(original: Original): Forged {
  const sign = signerFor(original);
  const forged: Forged = {};
  for (const alg of ['none', 'None', 'NONE', 'nOnE', 'none ', '', null, 0, false, [], ['none'], {}]) {
    const header = { ...original.header, alg };
    const name = `alg ${JSON.stringify(alg)}`;
    forged[`${name}, no signature`] = jws(header, original.claims, () => Buffer.alloc(0));
    forged[`${name}, a signature`] = jws(header, original.claims, sign);
  }
  return forged;
}

/** Keys of an attacker. */
const FOREIGN = {
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: generateKeyPairSync('ed25519'),
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
};

function withKeysInTheHeader({ header, claims }: Original): Forged {
  const { kid: _, ...withoutKid } = header;
  const forged: Forged = {};
  for (const [alg, { privateKey, publicKey }] of Object.entries(FOREIGN)) {
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: header['kid'], alg, use: 'sig' };
    const sign = signerFor({ header: { ...header, alg: alg as JwtAlgorithm }, claims, key: privateKey });
    forged[`jwk of ${alg}`] = jws({ ...header, alg, jwk }, claims, sign);
    forged[`jwk of ${alg}, no kid`] = jws({ ...withoutKid, alg, jwk }, claims, sign);
    forged[`${alg} of a foreign key`] = jws({ ...header, alg }, claims, sign);
    forged[`${alg} of a foreign key, our alg`] = jws(header, claims, sign);
  }
  return forged;
}

/** The same key, used as the signature of another algorithm is made. */
function withAnotherAlgorithm({ header, claims, key }: Original): Forged {
  const forged: Forged = {};
  const both = (name: string, alg: string, sign: Signer) => {
    forged[`${name} as ${alg}`] = jws({ ...header, alg }, claims, sign);
    forged[`${name} as ${header.alg}`] = jws(header, claims, sign);
  };
  const type = key.type === 'secret' ? 'secret' : key.asymmetricKeyType;
  for (const hash of HASHES) {
    const size = hash.replace('sha', '');
    if (type === 'rsa' && header.alg !== `RS${size}`) {
      both(`PKCS #1 with ${hash}`, `RS${size}`, (input) => signBytes(hash, Buffer.from(input), key));
    }
    if (type === 'rsa' && header.alg !== `PS${size}`) {
      const pss = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
      both(`PSS with ${hash}`, `PS${size}`, (input) => signBytes(hash, Buffer.from(input), pss));
    }
    if (type === 'ec' && hash !== 'sha256') {
      const raw = { key, dsaEncoding: 'ieee-p1363' } as const;
      both(`ECDSA with ${hash}`, `ES${size}`, (input) => signBytes(hash, Buffer.from(input), raw));
    }
  }
  return forged;
}

function signedWithThePublicKey({ header, claims, key }: Original): Forged {
  const publicKey = createPublicKey(key);
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const jwk = publicKey.export({ format: 'jwk' });
  const secrets: Record<string, string | Buffer> = {
    PEM: pem,
    'PEM without its last line feed': pem.trim(),
    DER: publicKey.export({ type: 'spki', format: 'der' }),
    JWK: JSON.stringify(jwk),
    'x of the JWK': Buffer.from(jwk.x ?? jwk.n ?? '', 'base64url'),
    'text of x': jwk.x ?? jwk.n ?? '',
    nothing: '',
  };
  return Object.fromEntries(
    Object.entries(secrets).map(([name, secret]) => [
      `HMAC with the public key as ${name}`,
      jws({ ...header, alg: 'HS256' }, claims, hs256(secret)),
    ]),
  );
}

/** The encoded message of PKCS #1 v1.5 (RFC 8017 section 9.2), modified before the private key is applied. */
function withModifiedPkcs1({ header, claims, key }: Original): Forged {
  const size = (createPublicKey(key).asymmetricKeyDetails?.modulusLength ?? 0) / 8;
  const ff = (count: number) => Buffer.alloc(count, 0xff);
  const b = (...bytes: number[]) => Buffer.from(bytes);
  const encoded = (info: Buffer, parts: { start?: Buffer; end?: Buffer; tail?: Buffer; fill?: number } = {}) => {
    const { start = b(0, 1), end = b(0), tail = b(), fill = 0xff } = parts;
    return Buffer.concat([
      start,
      Buffer.alloc(size - start.length - end.length - info.length - tail.length, fill),
      end,
      info,
      tail,
    ]);
  };
  const messages: Record<string, (hash: Buffer) => Buffer> = {
    'block type 0': (hash) => encoded(Buffer.concat([SHA256_INFO, hash]), { start: b(0, 0) }),
    'block type 2': (hash) => encoded(Buffer.concat([SHA256_INFO, hash]), { start: b(0, 2) }),
    'padding of zeros': (hash) => encoded(Buffer.concat([SHA256_INFO, hash]), { fill: 0 }),
    'padding of 0xfe': (hash) => encoded(Buffer.concat([SHA256_INFO, hash]), { fill: 0xfe }),
    'no zero after the padding': (hash) => encoded(Buffer.concat([SHA256_INFO, hash]), { end: b(0xff) }),
    'a one after the padding': (hash) => encoded(Buffer.concat([SHA256_INFO, hash]), { end: b(1) }),
    'two zeros after the padding': (hash) => encoded(Buffer.concat([SHA256_INFO, hash]), { end: b(0, 0) }),
    'a byte behind the hash': (hash) => encoded(Buffer.concat([SHA256_INFO, hash]), { tail: b(0) }),
    'eight bytes of padding and the rest behind the hash': (hash) => {
      const info = Buffer.concat([b(0, 1), ff(8), b(0), SHA256_INFO, hash]);
      return Buffer.concat([info, Buffer.alloc(size - info.length)]);
    },
    'no padding and the rest behind the hash': (hash) => {
      const info = Buffer.concat([b(0, 1, 0), SHA256_INFO, hash]);
      return Buffer.concat([info, Buffer.alloc(size - info.length)]);
    },
    'no DigestInfo': (hash) => encoded(hash),
    'no NULL in the algorithm': (hash) =>
      encoded(Buffer.concat([Buffer.from('302f300b0609608648016503040201 0420'.replace(' ', ''), 'hex'), hash])),
    'a NULL of another length': (hash) =>
      encoded(Buffer.concat([Buffer.from('3033300f0609608648016503040201050200000420', 'hex'), hash])),
    'an empty sequence for the NULL': (hash) =>
      encoded(Buffer.concat([Buffer.from('3031300d060960864801650304020130000420', 'hex'), hash])),
    'a long form of the outer length': (hash) =>
      encoded(Buffer.concat([Buffer.from('308131300d060960864801650304020105000420', 'hex'), hash])),
    'an indefinite outer length': (hash) =>
      encoded(Buffer.concat([Buffer.from('3080300d060960864801650304020105000420', 'hex'), hash, b(0, 0)])),
    'a long form of the length of the hash': (hash) =>
      encoded(Buffer.concat([Buffer.from('3032300d06096086480165030402010500048120', 'hex'), hash])),
    'an outer length too short': (hash) =>
      encoded(Buffer.concat([Buffer.from('3030300d060960864801650304020105000420', 'hex'), hash])),
    'an outer length too long': (hash) =>
      encoded(Buffer.concat([Buffer.from('3032300d060960864801650304020105000420', 'hex'), hash])),
    'a set for the sequence': (hash) =>
      encoded(Buffer.concat([Buffer.from('3131300d060960864801650304020105000420', 'hex'), hash])),
    'the name of SHA-512': (hash) =>
      encoded(Buffer.concat([Buffer.from('3031300d060960864801650304020305000420', 'hex'), hash])),
    'the name of SHA-1': (hash) => encoded(Buffer.concat([Buffer.from('3029300906052b0e03021a05000420', 'hex'), hash])),
    'a hash cut short': (hash) =>
      encoded(Buffer.concat([Buffer.from('3030300d06096086480165030402010500041f', 'hex'), hash.subarray(0, 31)])),
    'a hash with a byte more': (hash) =>
      encoded(Buffer.concat([Buffer.from('3032300d060960864801650304020105000421', 'hex'), hash, b(0)])),
    'the hash of something else': () =>
      encoded(Buffer.concat([SHA256_INFO, createHash('sha256').update('x').digest()])),
    zeros: () => Buffer.alloc(size),
    one: () => Buffer.concat([Buffer.alloc(size - 1), b(1)]),
  };
  const apply = (make: (hash: Buffer) => Buffer): Signer => {
    return (input) =>
      privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, make(createHash('sha256').update(input).digest()));
  };
  const genuine = jws(
    header,
    claims,
    apply((hash) => encoded(Buffer.concat([SHA256_INFO, hash]))),
  );
  if (genuine !== jws(header, claims, signerFor({ header, claims, key })))
    throw new Error('The padding is not understood.');
  return Object.fromEntries(
    Object.entries(messages).map(([name, make]) => [`PKCS #1: ${name}`, jws(header, claims, apply(make))]),
  );
}

/** RFC 8017 section 9.1. */
function withModifiedPss({ header, claims, key }: Original): Forged {
  const publicKey = createPublicKey(key);
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  const forged: Forged = {};
  for (const saltLength of [0, 1, 20, 31, 33, 64]) {
    const sign: Signer = (input) => signBytes('sha256', Buffer.from(input), { key, padding, saltLength });
    forged[`PSS: a salt of ${saltLength} bytes`] = jws(header, claims, sign);
  }
  const modified = (change: (message: Buffer) => void): Signer => {
    return (input) => {
      const signature = signBytes('sha256', Buffer.from(input), { key, padding, saltLength: 32 });
      const message = publicDecrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, signature);
      change(message);
      return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, message);
    };
  };
  const flip = (at: number, bits: number) =>
    modified((message) => {
      const index = at < 0 ? message.length + at : at;
      message[index] = (message[index] ?? 0) ^ bits;
    });
  forged['PSS: another trailer'] = jws(header, claims, flip(-1, 0x01));
  forged['PSS: the trailer of X9.31'] = jws(header, claims, flip(-1, 0xbc ^ 0xcc));
  forged['PSS: a bit of the hash'] = jws(header, claims, flip(-2, 0x01));
  forged['PSS: a bit of the padding'] = jws(header, claims, flip(8, 0x01));
  forged['PSS: a bit of the salt'] = jws(header, claims, flip(-40, 0x01));
  return forged;
}

/** The order of P-256. */
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The other form of an ECDSA signature, which is as valid as the first. */
export function inSecondForm(token: string): string {
  const [head, body, signature = ''] = token.split('.');
  const hex = Buffer.from(signature, 'base64url').toString('hex');
  const s = (N - BigInt(`0x${hex.slice(64)}`)).toString(16).padStart(64, '0');
  return `${head}.${body}.${Buffer.from(hex.slice(0, 64) + s, 'hex').toString('base64url')}`;
}

/** Numbers that are none: signatures that an unchecked comparison accepts (such as CVE-2022-21449). */
function withModifiedEcdsa(original: Original): Forged {
  const { header, claims } = original;
  const bytes = (number: bigint, length = 32) => Buffer.from(number.toString(16).padStart(length * 2, '0'), 'hex');
  const numbers: Record<string, bigint> = {
    0: 0n,
    1: 1n,
    'n-1': N - 1n,
    n: N,
    'n+1': N + 1n,
    'the largest': 2n ** 256n - 1n,
  };
  const forged: Forged = {};
  for (const [r, rNumber] of Object.entries(numbers)) {
    for (const [s, sNumber] of Object.entries(numbers)) {
      forged[`ECDSA: r is ${r}, s is ${s}`] = jws(header, claims, () =>
        Buffer.concat([bytes(rNumber), bytes(sNumber)]),
      );
    }
  }
  const real = signerFor(original);
  const halves = (change: (r: bigint, s: bigint) => Buffer): Signer => {
    return (input) => {
      const hex = real(input).toString('hex');
      return change(BigInt(`0x${hex.slice(0, 64)}`), BigInt(`0x${hex.slice(64)}`));
    };
  };
  const changes: Record<string, (r: bigint, s: bigint) => Buffer> = {
    'r and s exchanged': (r, s) => Buffer.concat([bytes(s), bytes(r)]),
    'r negative': (r, s) => Buffer.concat([bytes(N - r), bytes(s)]),
    's and r plus the order, a byte more each': (r, s) => Buffer.concat([bytes(r + N, 33), bytes(s + N, 33)]),
    'r plus the order, as long as it is': (r, s) => Buffer.concat([bytes(r + N, 33), bytes(s)]),
    'halves of 33 bytes': (r, s) => Buffer.concat([bytes(r, 33), bytes(s, 33)]),
    'halves of 48 bytes, as of P-384': (r, s) => Buffer.concat([bytes(r, 48), bytes(s, 48)]),
  };
  for (const [name, change] of Object.entries(changes)) forged[`ECDSA: ${name}`] = jws(header, claims, halves(change));
  const der: Signer = (input) => signBytes('sha256', Buffer.from(input), { key: original.key, dsaEncoding: 'der' });
  forged['ECDSA: DER'] = jws(header, claims, der);
  return forged;
}

function withModifiedBytes(original: Original): Forged {
  const { header, claims } = original;
  const real = signerFor(original);
  const changes: Record<string, (signature: Buffer) => Buffer> = {
    'of zeros': (signature) => Buffer.alloc(signature.length),
    'of ones': (signature) => Buffer.alloc(signature.length, 0xff),
    'without its first byte': (signature) => signature.subarray(1),
    'without its last byte': (signature) => signature.subarray(0, -1),
    'of one byte': (signature) => signature.subarray(0, 1),
    'with a zero in front': (signature) => Buffer.concat([Buffer.alloc(1), signature]),
    'with a zero behind': (signature) => Buffer.concat([signature, Buffer.alloc(1)]),
    twice: (signature) => Buffer.concat([signature, signature]),
    reversed: (signature) => Buffer.from(signature).reverse(),
  };
  const forged: Forged = {};
  for (const [name, change] of Object.entries(changes)) {
    forged[`a signature ${name}`] = jws(header, claims, (input) => change(real(input)));
  }
  for (const at of [0, 0.25, 0.5, 0.75, 1]) {
    for (const bit of [0x01, 0x80]) {
      const flipped: Signer = (input) => {
        const signature = real(input);
        const index = Math.round(at * (signature.length - 1));
        signature[index] = (signature[index] ?? 0) ^ bit;
        return signature;
      };
      forged[`a signature with bit ${bit} of byte ${at} flipped`] = jws(header, claims, flipped);
    }
  }
  return forged;
}

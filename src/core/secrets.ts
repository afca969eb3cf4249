/**
 * Every key of the service, derived from the one master secret with HKDF-SHA256 (RFC 5869). Each purpose has its own
 * label, so a key that leaks through one use is worthless for any other.
 */
import { createHash, createHmac, createSecretKey, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto';

/** The keys derived from one master secret. */
export type DerivedKeys = {
  /** Signs refresh tokens (HS256). */
  refreshToken: KeyObject;
  /** Derives the six-digit code of a challenge. */
  challengeCode: KeyObject;
  /** Derives the link token of a challenge. */
  challengeLink: KeyObject;
  /** Encrypts the private keys of the key ring (A256GCM). */
  keyEncryption: Uint8Array;
  /** Turns the ids of accounts into resend codes. */
  resendCode: KeyObject;
  /** Turns identifiers into throttle keys, so that the table contains no identifiers. */
  throttleKey: KeyObject;
  /** Derives the digest that tells sessions apart in the audit log. */
  auditSession: KeyObject;
  /** Derives the code and the link token of an invitation. */
  invitation: KeyObject;
  /** Turns requests with a code or token into the keys of used proofs, so that the table contains neither. */
  usedProof: KeyObject;
  /** Encrypts the shared secrets of authenticator apps (A256GCM). */
  totpEncryption: Uint8Array;
  /** Encrypts a setup of an authenticator app that is not confirmed yet (A256GCM). */
  totpSetup: Uint8Array;
  /** Derives the token of a trusted device. */
  device: KeyObject;
  /** Authenticates the file of `latchkey export --all`. */
  export: Uint8Array;
};

/** New values are made with the current keys. While the master secret is rotated, `previous` is accepted as well. */
export type Secrets = DerivedKeys & { previous: DerivedKeys | null };

/**
 * @param master SECRET, at least 32 bytes, UTF-8
 * @param previous SECRET_PREVIOUS; null when the master secret is not being rotated
 */
export function deriveSecrets(master: string, previous: string | null = null): Secrets {
  return { ...deriveKeys(master), previous: previous === null ? null : deriveKeys(previous) };
}

/** The keys that may have made a value we accept: the current ones and, during a rotation, the previous ones. */
export function acceptedSecrets(secrets: Secrets): readonly DerivedKeys[] {
  return secrets.previous === null ? [secrets] : [secrets, secrets.previous];
}

function deriveKeys(master: string): DerivedKeys {
  const derive = (label: string) => new Uint8Array(hkdfSync('sha256', master, '', `latchkey/v1/${label}`, 32));
  // Given the bytes, node finds out that they are not a key object by throwing errors, which takes five times as long.
  const hmacKey = (label: string) => createSecretKey(derive(label));
  return {
    refreshToken: hmacKey('refresh-token'),
    challengeCode: hmacKey('challenge-code'),
    challengeLink: hmacKey('challenge-link'),
    keyEncryption: derive('key-encryption'),
    resendCode: hmacKey('resend-code-hmac'),
    throttleKey: hmacKey('throttle-key'),
    auditSession: hmacKey('audit-session'),
    invitation: hmacKey('invitation'),
    usedProof: hmacKey('used-proof'),
    totpEncryption: derive('totp'),
    totpSetup: derive('totp-setup'),
    device: hmacKey('device'),
    export: derive('export'),
  };
}

/** HMAC-SHA256 (RFC 2104). */
export function hmac(key: KeyObject, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** The SHA-256 digest of a text. It protects only texts that are too random to guess, and survives a new SECRET. */
export function sha256(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(text).digest());
}

/**
 * Whether `given` is what `make` returns with the current keys or, during a rotation, with the previous ones. Compares
 * with both, so that the time does not reveal which.
 */
export function isMadeWith(secrets: Secrets, make: (keys: DerivedKeys) => string, given: string): boolean {
  return acceptedSecrets(secrets).filter((keys) => isEqual(make(keys), given)).length > 0;
}

/** Takes a time that reveals only the lengths. */
export function isEqual(expected: string, given: string): boolean {
  const left = Buffer.from(expected);
  const right = Buffer.from(given);
  return left.length === right.length && timingSafeEqual(left, right);
}

/**
 * Every key of the service, derived from the one master secret with HKDF-SHA256 (RFC 5869), one label a purpose:
 * a key that leaks by one use is worth nothing for another.
 */
import { createHmac, createSecretKey, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto';

/** The keys derived from one master secret. */
export type DerivedKeys = {
  /** Signs refresh tokens (HS256). */
  refreshToken: KeyObject;
  /** Makes the six digits of a challenge. */
  challengeCode: Uint8Array;
  /** Makes the link token of a challenge. */
  challengeLink: Uint8Array;
  /** Encrypts the private halves of the key ring (A256GCM). */
  keyEncryption: Uint8Array;
  /** Encrypts the ids of resend codes (AES-256, one block). */
  resendCode: Uint8Array;
  /** Turns identifiers into throttle keys, so that the table names nobody. */
  throttleKey: Uint8Array;
  /** Makes the digest by which the audit tells sessions apart. */
  auditSession: Uint8Array;
  /** Makes the code and the link token of an invitation. */
  invitation: Uint8Array;
};

/** What is made uses the current keys. What is read may also be of `previous`, while the master secret is being changed. */
export type Secrets = DerivedKeys & { previous: DerivedKeys | null };

/**
 * @param master SECRET, at least 32 bytes, UTF-8
 * @param previous SECRET_PREVIOUS; null when the master secret is not being changed
 */
export function deriveSecrets(master: string, previous: string | null = null): Secrets {
  return { ...deriveKeys(master), previous: previous === null ? null : deriveKeys(previous) };
}

/** Those under which something of ours may have been made: the current keys, and the previous if there are any. */
export function acceptedSecrets(secrets: Secrets): readonly DerivedKeys[] {
  return secrets.previous === null ? [secrets] : [secrets, secrets.previous];
}

function deriveKeys(master: string): DerivedKeys {
  const derive = (label: string) => new Uint8Array(hkdfSync('sha256', master, '', `latchkey/v1/${label}`, 32));
  return {
    refreshToken: createSecretKey(derive('refresh-token')),
    challengeCode: derive('challenge-code'),
    challengeLink: derive('challenge-link'),
    keyEncryption: derive('key-encryption'),
    resendCode: derive('resend-code'),
    throttleKey: derive('throttle-key'),
    auditSession: derive('audit-session'),
    invitation: derive('invitation'),
  };
}

/** HMAC-SHA256 (RFC 2104). */
export function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** Whether a text somebody gave is one of these: one, or two while the master secret is being changed; all are compared. */
export function isOneOf(expected: readonly string[], given: string): boolean {
  return expected.filter((one) => isEqual(one, given)).length > 0;
}

/** The time it takes tells only how long the texts are. */
function isEqual(expected: string, given: string): boolean {
  const left = Buffer.from(expected);
  const right = Buffer.from(given);
  return left.length === right.length && timingSafeEqual(left, right);
}

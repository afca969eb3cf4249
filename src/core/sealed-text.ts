/** Encrypted texts (JWE, RFC 7516: dir + A256GCM): stored, or given to a client to bring back. */
import { CompactEncrypt, compactDecrypt } from 'jose';

/** @param key 32 bytes */
export async function seal(text: string, key: Uint8Array): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(text))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .encrypt(key);
}

/** The text, if one of the keys opens it; otherwise null: another key, or it was changed. */
export async function unseal(jwe: string, ...keys: readonly Uint8Array[]): Promise<string | null> {
  for (const key of keys) {
    try {
      const { plaintext } = await compactDecrypt(jwe, key, {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
      });
      return new TextDecoder().decode(plaintext);
    } catch {
      // Encrypted with another key, or forged.
    }
  }
  return null;
}

/** The text encrypted with the current key; null if it is already, `unreadable` if no key opens it. */
export async function reseal(
  jwe: string,
  current: Uint8Array,
  previous: Uint8Array | undefined,
): Promise<string | 'unreadable' | null> {
  if ((await unseal(jwe, current)) !== null) return null;
  const text = previous === undefined ? null : await unseal(jwe, previous);
  return text === null ? 'unreadable' : seal(text, current);
}

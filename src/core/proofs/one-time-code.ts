/** The parts of codes and link tokens in emails: the digits of a digest, and ids as bytes. */

/** Six digits of an HMAC-SHA256 digest. They are 64 bits modulo a million: the bias is below 2^-44. */
export function sixDigitsOf(digest: Buffer): string {
  return String(digest.readBigUInt64BE() % 1_000_000n).padStart(6, '0');
}

/** The 16 bytes of a UUID. */
export function uuidToBytes(id: string): Buffer {
  return Buffer.from(id.replaceAll('-', ''), 'hex');
}

/** The UUID in the first 16 bytes. */
export function uuidFromBytes(bytes: Buffer): string {
  return bytes.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** The codes in emails: the digits of a digest. */

/** Six digits of an HMAC-SHA256 digest. They are 64 bits modulo a million: the bias is below 2^-44. */
export function sixDigitsOf(digest: Buffer): string {
  return String(digest.readBigUInt64BE() % 1_000_000n).padStart(6, '0');
}

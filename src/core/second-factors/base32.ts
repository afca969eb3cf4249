/** Random texts that people copy: Crockford's base32, without I, L, O, and U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** One character of 5 bits for each byte. */
export function base32Of(bytes: Uint8Array): string {
  return [...bytes].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

/** As people type it: with or without dashes, in any case, O for 0 and I or L for 1. */
export function canonicalBase32(typed: string): string {
  return typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
}

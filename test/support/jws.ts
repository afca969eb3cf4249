/** Tokens as an attacker writes them: JWS in compact serialization, with any header, claims and signature. */
import { createHmac, type KeyObject, sign as signBytes } from 'node:crypto';

export type Signer = (input: string) => Buffer;
export type Part = string | Record<string, unknown>;

const partOf = (part: Part) =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');

/** A token; a part that is a text is taken as it is, such as JSON that no library writes. */
export function jws(header: Part, claims: Part, sign: Signer): string {
  const input = `${partOf(header)}.${partOf(claims)}`;
  return `${input}.${sign(input).toString('base64url')}`;
}

export const hs256 =
  (key: string | Buffer | KeyObject): Signer =>
  (input) =>
    createHmac('sha256', key).update(input).digest();

/** The signature of a private or secret key, by the algorithm that its type stands for. */
export function signerOf(key: KeyObject): Signer {
  if (key.type === 'secret') return hs256(key);
  if (key.asymmetricKeyType === 'ed25519') return (input) => signBytes(null, Buffer.from(input), key);
  return (input) => signBytes('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The same bytes with one unused bit set, which decoders ignore (RFC 4648 section 3.5); null if there is none. */
function withUnusedBit(part: string): string | null {
  if (part.length % 4 === 0) return null;
  return part.slice(0, -1) + ALPHABET[ALPHABET.indexOf(part.at(-1) ?? '') + 1];
}

/** Other texts that lenient decoders read as this token, by what is wrong with them. */
export function otherSpellings(token: string): Record<string, string> {
  const [head = '', body = '', signature = ''] = token.split('.');
  const half = signature.length / 2;
  const [start, end] = [signature.slice(0, half), signature.slice(half)];
  const join = (...parts: string[]) => parts.join('.');
  const spellings: Record<string, string | null> = {
    'padded by one': `${token}=`,
    'padded by two': `${token}==`,
    'a padded header': join(`${head}=`, body, signature),
    'padded claims': join(head, `${body}==`, signature),
    'a blank in the signature': join(head, body, `${start} ${end}`),
    'a line feed in the signature': join(head, body, `${start}\n${end}`),
    'a line feed at the end': `${token}\n`,
    'a tab in the claims': join(head, `${body.slice(0, 9)}\t${body.slice(9)}`, signature),
    'a blank in front': ` ${token}`,
    'a sign outside the alphabet': join(head, body, `${start}!${end}`),
    'the other alphabet': join(head, body, signature.replaceAll('-', '+').replaceAll('_', '/')),
    'an unused bit of the signature': withUnusedBit(signature) && join(head, body, withUnusedBit(signature) ?? ''),
    'an unused bit of the claims': withUnusedBit(body) && join(head, withUnusedBit(body) ?? '', signature),
    'a period at the end': `${token}.`,
    'a period in front': `.${token}`,
    'a fourth part': `${token}.${signature}`,
    'no signature': join(head, body, ''),
    'two parts': join(head, body),
    'a byte order mark': `\ufeff${token}`,
    'a zero-width space': `${token}\u200b`,
    NUL: `${token}\0`,
    quoted: `"${token}"`,
    'a megabyte': token + 'A'.repeat(1_000_000),
  };
  // A signature may happen to hold neither - nor _.
  return Object.fromEntries(
    Object.entries(spellings).filter((entry): entry is [string, string] => entry[1] !== null && entry[1] !== token),
  );
}

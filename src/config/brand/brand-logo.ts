/** The logo of the operator: an image file, which the service serves and attaches to emails, or an https address. */
import { createHash } from 'node:crypto';
import type { Environment } from '../environment.ts';
import { unreadable } from '../unreadable.ts';

const SIGNATURES = [
  ['image/png', /^\x89PNG\r\n/],
  ['image/jpeg', /^\xff\xd8\xff/],
  ['image/gif', /^GIF8[79]a/],
  ['image/webp', /^RIFF.{4}WEBP/s],
  ['image/svg+xml', /^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*|<!DOCTYPE[^>]*>\s*)*<svg[\s>]/s],
] as const;

export type LogoType = (typeof SIGNATURES)[number][0];
export type Logo =
  | { kind: 'file'; type: LogoType; bytes: Uint8Array /** Changes with the image. */; version: string }
  | { kind: 'address'; url: string };

const MAX_KILOBYTES = 200;

/** @param readBytes fails for a file that cannot be read */
export function logoOf(env: Environment, readBytes: (path: string) => Uint8Array): Logo | null {
  const value = env.text('BRAND_LOGO');
  if (value === undefined) return null;
  if (/^[a-z][a-z0-9+.-]+:/i.test(value)) return addressOf(env, value);
  let bytes: Uint8Array;
  try {
    bytes = readBytes(value);
  } catch (error) {
    env.problem('BRAND_LOGO', unreadable(value, error));
    return null;
  }
  if (bytes.length > MAX_KILOBYTES * 1000) {
    const size = `${Math.ceil(bytes.length / 1000)} kB`;
    env.problem('BRAND_LOGO', `has ${size}; the limit is ${MAX_KILOBYTES} kB, because every email has it: ${value}`);
    return null;
  }
  const start = Buffer.from(bytes.subarray(0, 4096)).toString('latin1');
  const type = SIGNATURES.find(([, signature]) => signature.test(start))?.[0];
  if (type === undefined) {
    env.problem('BRAND_LOGO', `is not an image: it must be PNG, JPEG, GIF, WebP or SVG: ${value}`);
    return null;
  }
  const version = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  return { kind: 'file', type, bytes, version };
}

/** Pages and emails would show an image over http as a broken one, and its owner would see who reads them. */
function addressOf(env: Environment, value: string): Logo | null {
  const isAddress = value.startsWith('https://') && URL.canParse(value) && new URL(value).username === '';
  if (isAddress) return { kind: 'address', url: value };
  env.problem('BRAND_LOGO', 'must be a file, or an address such as https://app.example.com/logo.png');
  return null;
}

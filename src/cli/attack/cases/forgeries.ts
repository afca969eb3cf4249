/** Access tokens that nobody issued (RFC 8725, OWASP ASVS 5.0 chapter 9). */
import { createHmac, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { systemClock } from '#outside/clock.ts';
import { type AttackCase, at, textAt } from '../attack-case.ts';
import { ME } from '../operations.ts';
import { ownAccount } from '../people.ts';
import type { Target } from '../target.ts';

type Parts = Record<string, unknown>;

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

function signed(header: Parts, claims: Parts, signer: (data: string) => Buffer): string {
  const data = `${encode(header)}.${encode(claims)}`;
  return `${data}.${signer(data).toString('base64url')}`;
}

/** The header and claims of a genuine token; made-up ones if we cannot get one. */
async function originalOf(target: Target): Promise<{ header: Parts; claims: Parts; token: string | null }> {
  const account = await ownAccount(target, 'forger').catch(() => null);
  if (account !== null) {
    const [header, claims] = account.accessToken
      .split('.')
      .slice(0, 2)
      .map((part): Parts => JSON.parse(Buffer.from(part, 'base64url').toString()));
    return { header: header ?? {}, claims: claims ?? {}, token: account.accessToken };
  }
  const { json } = await target.send('/.well-known/jwks.json');
  const [key] = (at(json, 'keys') ?? []) as Parts[];
  const now = Math.floor(systemClock().getTime() / 1000);
  const ids = { sub: randomUUID(), sid: randomUUID(), jti: randomUUID() };
  const issuer = target.url.origin;
  return {
    header: { alg: key?.['alg'] ?? 'ES256', typ: 'at+jwt', kid: key?.['kid'] },
    claims: { iss: issuer, aud: issuer, iat: now, exp: now + 600, ...ids },
    token: null,
  };
}

async function forgedOf(target: Target): Promise<Record<string, string>> {
  const { header, claims, token } = await originalOf(target);
  const jwks = await target.send('/.well-known/jwks.json');
  const [published] = (at(jwks.json, 'keys') ?? []) as Parts[];
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = stranger.publicKey.export({ format: 'jwk' });
  const byStranger = (data: string) =>
    sign('sha256', Buffer.from(data), { key: stranger.privateKey, dsaEncoding: 'ieee-p1363' });
  const byHmac = (secret: string) => (data: string) => createHmac('sha256', secret).update(data).digest();
  const ES256 = { ...header, alg: 'ES256' };
  const HS256 = { ...header, alg: 'HS256' };
  const forged: Record<string, string> = {
    'alg none': signed({ ...header, alg: 'none' }, claims, () => Buffer.alloc(0)),
    'alg None': signed({ ...header, alg: 'None' }, claims, () => Buffer.alloc(0)),
    'no signature': signed(header, claims, () => Buffer.alloc(0)),
    'the key of someone else': signed(ES256, claims, byStranger),
    'a key in the header': signed({ ...ES256, jwk, kid: undefined }, claims, byStranger),
    'a key at a URL in the header': signed({ ...ES256, jku: 'http://127.0.0.1:9/jwks.json' }, claims, byStranger),
    'a kid that is a path': signed({ ...HS256, kid: '../../../../dev/null' }, claims, byHmac('')),
    'the public key as a secret': signed(HS256, claims, byHmac(JSON.stringify(published ?? {}))),
    'an empty secret': signed(HS256, claims, byHmac('')),
    'a common secret': signed(HS256, claims, byHmac('secret')),
    'a signature of zeros': signed(ES256, claims, () => Buffer.alloc(64)),
  };
  if (token === null) return forged;
  const [head = '', , signature = ''] = token.split('.');
  const later = { ...claims, exp: Number(claims['exp']) + 86_400 };
  return {
    ...forged,
    'another role': `${head}.${encode({ ...claims, role: 'admin' })}.${signature}`,
    'a later end': `${head}.${encode(later)}.${signature}`,
    'another person': `${head}.${encode({ ...claims, sub: randomUUID() })}.${signature}`,
  };
}

export const FORGERIES: AttackCase = {
  name: 'forged tokens',
  holds: 'The service accepts only access tokens that it signed.',
  means: 'Anyone can sign in as anyone. Take the service off the network, and report it.',
  run: async (target) => {
    const found: string[] = [];
    for (const [name, token] of Object.entries(await forgedOf(target))) {
      const { status, json } = await target.graphql(ME, {}, { authorization: `Bearer ${token}` });
      const code = textAt((at(json, 'errors') as unknown[] | undefined)?.[0], 'extensions', 'code');
      if (status !== 401 && code !== 'UNAUTHENTICATED') found.push(`A token with ${name} was accepted.`);
    }
    return found;
  },
};

import { generateKeyPairSync, verify } from 'node:crypto';
import { expect, test } from 'vitest';
import { signJwt } from '#core/tokens/sign-jwt.ts';

// One of 128 has a number that starts with a zero byte, which the DER that node writes leaves out.
test('every ES256 signature is two numbers of 32 bytes, also those that begin with zeros', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  for (let jti = 0; jti < 1500; jti += 1) {
    const [header, claims, encoded = ''] = signJwt({ alg: 'ES256', typ: 'at+jwt' }, { jti }, privateKey).split('.');
    const signature = Buffer.from(encoded, 'base64url');
    expect(signature).toHaveLength(64);
    const key = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
    expect(verify('sha256', Buffer.from(`${header}.${claims}`), key, signature)).toBe(true);
  }
});

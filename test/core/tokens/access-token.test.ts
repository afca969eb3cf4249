import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, sign as signBytes } from 'node:crypto';
import type { JWK } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LogoutDocument, MeDocument, RefreshDocument } from '../../generated/graphql.ts';
import { type Latchkey, startLatchkey } from '../../support/latchkey.ts';

type Part = Record<string, unknown>;
const encode = (part: Part) => Buffer.from(JSON.stringify(part)).toString('base64url');
const es256 = (key: KeyObject) => (input: string) =>
  signBytes('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');
const hs256 = (key: string | Buffer | KeyObject) => (input: string) =>
  createHmac('sha256', key).update(input).digest('base64url');

describe('access tokens', () => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey();
  });
  afterAll(() => latchkey.close());

  const answer = async (bearer: string) => {
    const { data, errors } = await latchkey.send(MeDocument, {}, { bearer });
    return data?.me?.id ?? errors?.[0]?.extensions?.['reason'];
  };

  test('a token of the wrong type, audience, issuer, algorithm, key or with no exp is refused', async () => {
    const { id, sessionId, accessToken, refreshToken } = await latchkey.person();
    const other = await latchkey.person();
    const { keyRing, config, secrets, clock } = latchkey.app.parts;
    const { kid, key } = keyRing.signer();
    const [publicJwk = {} as JWK] = (await keyRing.jwks()).keys;
    const publicKey = createPublicKey({ key: publicJwk, format: 'jwk' });
    const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const foreignJwk = foreign.publicKey.export({ format: 'jwk' });
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const now = Math.floor(clock().getTime() / 1000);
    const us = config.publicUrl;

    const ours = es256(key);
    const header = { alg: 'ES256', kid, typ: 'at+jwt' };
    const claims = { iss: us, aud: us, sub: id, sid: sessionId, role: 'customer', jti: 'x', iat: now, exp: now + 60 };
    /** A token as we make it, but for what is said; a value of undefined leaves the member out. */
    const token = (differs: { header?: Part; claims?: Part; signed?: (input: string) => string }) => {
      const input = `${encode({ ...header, ...differs.header })}.${encode({ ...claims, ...differs.claims })}`;
      return `${input}.${(differs.signed ?? ours)(input)}`;
    };
    const theirs = es256(foreign.privateKey);
    const [head = '', body = '', signature = ''] = accessToken.split('.');
    expect([await answer(accessToken), await answer(token({}))]).toEqual([id, id]);

    const refused: Record<string, string> = {
      'wrong type': token({ header: { typ: 'JWT' } }),
      'type of a refresh token': token({ header: { typ: 'refresh+jwt' } }),
      'no type': token({ header: { typ: undefined } }),
      'a refresh token': refreshToken,
      'a token of a provisional session': token({
        header: { alg: 'HS256', typ: 'provisional+jwt', kid: undefined },
        signed: hs256(secrets.refreshToken),
      }),
      'a token for another audience and use': token({ header: { typ: 'vault+jwt' }, claims: { aud: 'vault' } }),
      'wrong audience': token({ claims: { aud: 'https://other.example' } }),
      'no audience': token({ claims: { aud: undefined } }),
      'wrong issuer': token({ claims: { iss: 'https://other.example' } }),
      'an issuer that begins as ours': token({ claims: { iss: `${us}.evil.example` } }),
      'no issuer': token({ claims: { iss: undefined } }),
      'no exp': token({ claims: { exp: undefined } }),
      'exp that is not a number': token({ claims: { exp: '9999999999' } }),
      'expired long ago': token({ claims: { iat: now - 120, exp: now - 60 } }),
      'valid only later': token({ claims: { nbf: now + 600 } }),
      'no iat': token({ claims: { iat: undefined } }),
      'no jti': token({ claims: { jti: undefined } }),
      'no sub': token({ claims: { sub: undefined } }),
      'another subject': token({ claims: { sub: other.id } }),
      'no sid': token({ claims: { sid: undefined } }),
      'a session id that is not a UUID': token({ claims: { sid: "' OR true --" } }),
      'another session': token({ claims: { sid: other.sessionId } }),
      'alg none': `${encode({ ...header, alg: 'none' })}.${encode(claims)}.`,
      'alg none with the signature left on': token({ header: { alg: 'none' } }),
      'alg nOnE': `${encode({ ...header, alg: 'nOnE' })}.${encode(claims)}.`,
      'no alg': token({ header: { alg: undefined } }),
      'no signature': `${head}.${body}.`,
      'HMAC with the public key as PEM': token({
        header: { alg: 'HS256' },
        signed: hs256(publicKey.export({ type: 'spki', format: 'pem' })),
      }),
      'HMAC with the public key as DER': token({
        header: { alg: 'HS256' },
        signed: hs256(publicKey.export({ type: 'spki', format: 'der' })),
      }),
      'HMAC with the public JWK': token({ header: { alg: 'HS256' }, signed: hs256(JSON.stringify(publicJwk)) }),
      'HMAC with the key of refresh tokens': token({ header: { alg: 'HS256' }, signed: hs256(secrets.refreshToken) }),
      'RS256 of a foreign key': token({
        header: { alg: 'RS256' },
        signed: (input) => signBytes('sha256', Buffer.from(input), rsa.privateKey).toString('base64url'),
      }),
      'a foreign key under our kid': token({ signed: theirs }),
      'an unknown kid': token({ header: { kid: 'x'.repeat(43) }, signed: theirs }),
      'our key under an unknown kid': token({ header: { kid: 'unknown' } }),
      'a kid that is a path': token({ header: { kid: '../../../../dev/null' }, signed: hs256('') }),
      'a kid that is not a string': token({ header: { kid: 1 } }),
      'no kid': token({ header: { kid: undefined } }),
      'embedded jwk': token({ header: { jwk: foreignJwk, kid: undefined }, signed: theirs }),
      'embedded jwk under our kid': token({ header: { jwk: { ...foreignJwk, kid } }, signed: theirs }),
      jku: token({ header: { jku: 'https://evil.example/jwks.json', kid: 'evil' }, signed: theirs }),
      'jku under our kid': token({ header: { jku: 'https://evil.example/jwks.json' }, signed: theirs }),
      x5u: token({ header: { x5u: 'https://evil.example/chain.pem' }, signed: theirs }),
      x5c: token({ header: { x5c: [Buffer.from('no certificate').toString('base64')] }, signed: theirs }),
      'unknown crit': token({ header: { crit: ['urn:example:unknown'], 'urn:example:unknown': true } }),
      'empty crit': token({ header: { crit: [] } }),
      'a changed claim': `${head}.${encode({ ...claims, role: 'admin' })}.${signature}`,
      'a changed header': `${encode({ ...header, cty: 'JWT' })}.${body}.${signature}`,
      'ECDSA zeros': `${head}.${body}.${Buffer.alloc(64).toString('base64url')}`,
      'a fourth part': `${accessToken}.x`,
      nonsense: 'a.b.c',
    };
    const reasons = await Promise.all(
      Object.entries(refused).map(async ([name, bearer]) => [name, await answer(bearer)] as const),
    );
    const expected = (name: string) => {
      if (name === 'expired long ago') return 'TOKEN_EXPIRED';
      return name === 'another subject' || name === 'another session' ? 'SESSION_ENDED' : 'TOKEN_INVALID';
    };
    expect(Object.fromEntries(reasons)).toEqual(
      Object.fromEntries(Object.keys(refused).map((name) => [name, expected(name)])),
    );
    // None of them has hurt the session.
    expect(await answer(accessToken)).toBe(id);

    // And the other way round: nothing but a refresh token of ours refreshes or ends a session.
    const { refreshToken: real, ...rest } = {
      refreshToken,
      accessToken,
      forged: token({
        header: { alg: 'HS256', typ: 'refresh+jwt' },
        claims: { gen: 1 },
        signed: hs256(publicKey.export({ type: 'spki', format: 'pem' })),
      }),
    };
    for (const [name, token] of Object.entries(rest)) {
      const { refresh } = await latchkey.ask(RefreshDocument, { input: { refreshToken: token } });
      expect(refresh.__typename, name).toBe('SessionEndedError');
      const { logout } = await latchkey.ask(LogoutDocument, { input: { refreshToken: token } });
      expect(logout, name).toMatchObject({ endedSessionId: null });
    }
    expect((await latchkey.ask(RefreshDocument, { input: { refreshToken: real } })).refresh.__typename).toBe(
      'RefreshSuccess',
    );
  });
});

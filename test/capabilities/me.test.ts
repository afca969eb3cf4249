import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CurrentSessionDocument, MeDocument } from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, startLatchkey } from '../support/latchkey.ts';

describe.each(ENGINES)('me on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
  });
  afterAll(() => latchkey.close());

  test('is null for nobody, also with an empty Bearer', async () => {
    expect(await latchkey.ask(MeDocument, {})).toEqual({ me: null });
    expect(await latchkey.ask(MeDocument, {}, { headers: { authorization: 'Bearer ' } })).toEqual({ me: null });
    expect(await latchkey.ask(CurrentSessionDocument, {})).toEqual({ session: null });
  });

  test('is the person behind the token, and session the session', async () => {
    const { id, email, sessionId, accessToken } = await latchkey.person();
    expect((await latchkey.ask(MeDocument, {}, { bearer: accessToken })).me).toMatchObject({
      id,
      email,
      role: 'customer',
      isVerified: true,
    });
    const { session } = await latchkey.ask(CurrentSessionDocument, {}, { bearer: accessToken });
    expect(session?.id).toBe(sessionId);
  });

  test('a role change is seen at the next request', async () => {
    const { id, accessToken } = await latchkey.person();
    await latchkey.app.parts.database.prisma.user.update({ where: { id }, data: { role: 'admin' } });
    expect((await latchkey.ask(MeDocument, {}, { bearer: accessToken })).me?.role).toBe('admin');
  });

  test('an expired token is UNAUTHENTICATED with its reason, and the answer stays 200', async () => {
    const { accessToken } = await latchkey.person();
    latchkey.advance({ minutes: 16 });
    const { data, errors } = await latchkey.send(MeDocument, {}, { bearer: accessToken });
    expect(data).toEqual({ me: null });
    expect(errors?.[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED', reason: 'TOKEN_EXPIRED' });
  });

  test('a token of the wrong type, audience, issuer, algorithm, key or with no exp is refused', async () => {
    const { id, sessionId, refreshToken } = await latchkey.person();
    const { keyRing, config, secrets } = latchkey.app.parts;
    const { kid, key, algorithm } = keyRing.signer();
    const url = config.publicUrl;
    type Changes = { header?: object; claims?: object; without?: string };
    const sign = async ({ header = {}, claims = {}, without }: Changes, by: Parameters<SignJWT['sign']>[0] = key) => {
      const now = Math.floor(latchkey.app.parts.clock().getTime() / 1000);
      const all: Record<string, unknown> = {
        iss: url,
        aud: url,
        sub: id,
        sid: sessionId,
        role: 'customer',
        email_verified: true,
        jti: 'x',
        iat: now,
        exp: now + 60,
        ...claims,
      };
      if (without !== undefined) delete all[without];
      return new SignJWT(all).setProtectedHeader({ alg: algorithm, kid, typ: 'at+jwt', ...header }).sign(by);
    };
    expect((await latchkey.ask(MeDocument, {}, { bearer: await sign({}) })).me?.id).toBe(id);

    const foreign = await generateKeyPair('ES256', { extractable: true });
    const publicJwk = keyRing.jwks().keys[0] ?? {};
    const now = Math.floor(latchkey.app.parts.clock().getTime() / 1000);
    const refused = {
      'wrong type': await sign({ header: { typ: 'JWT' } }),
      'no type': await sign({ header: { typ: undefined } }),
      'wrong audience': await sign({ claims: { aud: 'https://other.example' } }),
      'wrong issuer': await sign({ claims: { iss: 'https://other.example' } }),
      'no exp': await sign({ without: 'exp' }),
      'no sid': await sign({ without: 'sid' }),
      'no sub': await sign({ without: 'sub' }),
      'another subject': await sign({ claims: { sub: '019302aa-0000-7000-8000-000000000000' } }),
      'a session that is no id': await sign({ claims: { sid: 'nonsense' } }),
      'another key': await sign({}, foreign.privateKey),
      'an unknown kid': await sign({ header: { kid: 'unknown' } }, foreign.privateKey),
      'no kid': await sign({ header: { kid: undefined } }),
      'embedded jwk': await sign(
        { header: { jwk: await exportJWK(foreign.publicKey), kid: undefined } },
        foreign.privateKey,
      ),
      jku: await sign({ header: { jku: 'https://evil.example/jwks.json', kid: 'evil' } }, foreign.privateKey),
      'alg none': new UnsecuredJWT({
        iss: url,
        aud: url,
        sub: id,
        sid: sessionId,
        role: 'customer',
        jti: 'x',
        iat: now,
        exp: now + 60,
      }).encode(),
      'HMAC with the public key': await sign(
        { header: { alg: 'HS256' } },
        new TextEncoder().encode(JSON.stringify(publicJwk)),
      ),
      'HMAC with the refresh key': await sign({ header: { alg: 'HS256' } }, secrets.refreshToken),
      'a refresh token': refreshToken,
      nonsense: 'a.b.c',
    };
    for (const [name, bearer] of Object.entries(refused)) {
      const { errors } = await latchkey.send(MeDocument, {}, { bearer });
      expect(errors?.[0]?.extensions?.['code'], name).toBe('UNAUTHENTICATED');
    }
    const crit = await sign({ header: { crit: ['x'], x: 1 } }).catch(() => null);
    expect(crit).toBeNull();
  });
});

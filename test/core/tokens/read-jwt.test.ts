/**
 * Tokens that something is wrong with, in the spirit of Wycheproof's JWS vectors: shown everywhere a token is taken,
 * each is refused with the answer for any wrong token, never with a fault.
 */
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { JWK } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LogoutDocument, MeDocument, RefreshDocument } from '../../generated/graphql.ts';
import { hs256, jws, otherSpellings, type Part, signerOf } from '../../support/jws.ts';
import { type Latchkey, startLatchkey } from '../../support/latchkey.ts';
import { postForm, SERVICE_CLIENTS } from '../../support/oauth.ts';
import { claimsOf, restClient } from '../../support/rest.ts';
import { tokensOf, vaultClient } from '../../support/vault.ts';

type Tokens = Record<string, string>;
/** What every token gets, by its name. */
const each = async <T>(tokens: Tokens, ask: (token: string) => Promise<T>) =>
  Object.fromEntries(
    await Promise.all(Object.entries(tokens).map(async ([name, token]) => [name, await ask(token)] as const)),
  );
const all = <T>(tokens: Tokens, answer: T) => Object.fromEntries(Object.keys(tokens).map((name) => [name, answer]));
/** What a header can carry. */
const sendable = (tokens: Tokens) =>
  Object.fromEntries(Object.entries(tokens).filter(([, token]) => /^[\x20-\x7e]{1,15000}$/.test(token)));
const decoded = (part = '') => Buffer.from(part, 'base64url').toString();

/** Header and claims that a lenient reader takes, although we never write them; all signed by our own key. */
function writtenOtherwise(token: string, key: KeyObject, now: number): Tokens {
  const [head = '', body = ''] = token.split('.');
  const header = JSON.parse(decoded(head));
  const claims = claimsOf(token);
  const sign = signerOf(key);
  const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = foreign.publicKey.export({ format: 'jwk' });
  const h = (differs: object) => jws({ ...header, ...differs }, claims, sign);
  const c = (differs: object) => jws(header, { ...claims, ...differs }, sign);
  /** With a number that JSON.stringify cannot write. */
  const raw = (name: string, value: string): Part => JSON.stringify({ ...claims, [name]: '$' }).replace('"$"', value);
  const twice = (text: string, member: string) => text.replace('{', `{${member},`);
  return {
    'a byte order mark before the header': jws(`\ufeff${decoded(head)}`, claims, sign),
    'a byte order mark before the claims': jws(header, `\ufeff${decoded(body)}`, sign),
    'a blank in the header': jws(decoded(head).replace(':', ': '), claims, sign),
    'a line feed after the claims': jws(header, `${decoded(body)}\n`, sign),
    'alg twice': jws(twice(decoded(head), '"alg":"none"'), claims, sign),
    'typ twice': jws(twice(decoded(head), '"typ":"JWT"'), claims, sign),
    'a claim twice': jws(header, twice(decoded(body), '"sid":"x"'), sign),
    'an escaped letter': jws(decoded(head).replace('"alg"', '"\\u0061lg"'), claims, sign),
    'crit of b64': h({ crit: ['b64'], b64: true }),
    'b64 false': h({ crit: ['b64'], b64: false }),
    'b64 false without crit': h({ b64: false }),
    'an empty crit': h({ crit: [] }),
    'an unknown crit': h({ crit: ['x'], x: 1 }),
    'crit of exp': h({ crit: ['exp'], exp: now + 60 }),
    'an embedded jwk': h({ jwk }),
    jku: h({ jku: 'https://evil.example/jwks.json' }),
    x5u: h({ x5u: 'https://evil.example/chain.pem' }),
    x5c: h({ x5c: ['AAAA'] }),
    'cty JWT': h({ cty: 'JWT' }),
    zip: h({ zip: 'DEF' }),
    'no typ': h({ typ: undefined }),
    'typ JWT': h({ typ: 'JWT' }),
    'typ in capitals': h({ typ: String(header.typ).toUpperCase() }),
    'typ as a media type': h({ typ: `application/${header.typ}` }),
    'typ that is an array': h({ typ: [header.typ] }),
    'another alg': h({ alg: header.alg === 'ES256' ? 'ES384' : 'HS512' }),
    'alg none': h({ alg: 'none' }),
    'no alg': h({ alg: undefined }),
    'kid that is an object': h({ kid: {} }),
    'exp 1e400': jws(header, raw('exp', '1e400'), sign),
    'exp 1e300': jws(header, raw('exp', '1e300'), sign),
    'exp beyond whole numbers': c({ exp: 2 ** 53 }),
    'exp beyond the year 9999': c({ exp: 253_402_300_800 }),
    'exp with a fraction': c({ exp: now + 60.5 }),
    'exp below zero': c({ exp: -1 }),
    'exp that is a text': c({ exp: String(now + 60) }),
    'exp that is null': c({ exp: null }),
    'exp before iat': c({ iat: now, exp: now - 1 }),
    'iat a day ahead': c({ iat: now + 86_400, exp: now + 90_000 }),
    'iat two minutes ahead': c({ iat: now + 120, exp: now + 300 }),
    'iat 1e400': jws(header, raw('iat', '1e400'), sign),
    'iat that is a text': c({ iat: String(now) }),
    'nbf ahead': c({ nbf: now + 600 }),
    'nbf 1e400': jws(header, raw('nbf', '1e400'), sign),
    'nbf that is a text': c({ nbf: '0' }),
    'a sid that is not a UUID': c({ sid: "' OR true --" }),
    'claims that are an array': jws(header, '[]', sign),
    'claims that are null': jws(header, 'null', sign),
    'claims that are not JSON': jws(header, 'sub=x', sign),
    'a header that is an array': jws('[]', claims, sign),
    'a header that is not JSON': jws('alg=none', claims, sign),
  };
}

/** Signatures that are none. */
function signedOtherwise(token: string, publicKey: KeyObject | null): Tokens {
  const [head = '', body = '', signature = ''] = token.split('.');
  const real = Buffer.from(signature, 'base64url');
  const size = real.length;
  const zero = Buffer.alloc(size / 2);
  const [r, s] = [real.subarray(0, size / 2), real.subarray(size / 2)];
  const bytes: Record<string, Buffer> = {
    'all zero': Buffer.alloc(size),
    'all ones': Buffer.alloc(size, 0xff),
    'r zero': Buffer.concat([zero, s]),
    's zero': Buffer.concat([r, zero]),
    'r and s swapped': Buffer.concat([s, r]),
    'a byte short': real.subarray(1),
    'a byte short at the end': real.subarray(0, -1),
    'a byte more': Buffer.concat([real, Buffer.alloc(1)]),
    'a byte more in front': Buffer.concat([Buffer.alloc(1), real]),
    half: r,
    twice: Buffer.concat([real, real]),
    'of the length of P-521': Buffer.alloc(132, 1),
    'one bit flipped': Buffer.from(real.map((byte, at) => (at === 0 ? byte ^ 1 : byte))),
    // ASN.1: SEQUENCE of two INTEGERs, as OpenSSL and X.509 write ECDSA.
    DER: Buffer.concat([Buffer.from([0x30, size + 6, 2, 33, 0]), r, Buffer.from([2, 33, 0]), s]),
  };
  const tokens = Object.fromEntries(
    Object.entries(bytes).map(([name, each]) => [`signature ${name}`, `${head}.${body}.${each.toString('base64url')}`]),
  );
  if (publicKey === null) return tokens;
  const header = { ...JSON.parse(decoded(head)), alg: 'HS256' };
  const { kid: _, ...withoutKid } = header;
  const claims = claimsOf(token);
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const jwk = publicKey.export({ format: 'jwk' });
  return {
    ...tokens,
    'HMAC with the public key as PEM': jws(header, claims, hs256(pem)),
    'HMAC with the PEM without its last line feed': jws(header, claims, hs256(pem.trim())),
    'HMAC with the public key as DER': jws(header, claims, hs256(publicKey.export({ type: 'spki', format: 'der' }))),
    'HMAC with the public JWK': jws(header, claims, hs256(JSON.stringify(jwk))),
    'HMAC with nothing': jws(header, claims, hs256('')),
    'HMAC with the public key, no kid': jws(withoutKid, claims, hs256(pem)),
    'HMAC with the kid': jws(header, claims, hs256(String(header.kid))),
  };
}

describe.each(['ES256', 'RS256', 'EdDSA'])('hostile tokens, signed with %s', (algorithm) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ env: { JWT_ALG: algorithm, ...SERVICE_CLIENTS } });
  });
  afterAll(() => latchkey.close());

  const now = () => Math.floor(latchkey.app.parts.clock().getTime() / 1000);
  const publicKey = async () => {
    const [jwk = {} as JWK] = (await latchkey.app.parts.keyRing.jwks()).keys;
    return createPublicKey({ key: jwk, format: 'jwk' });
  };
  const inactive = async (tokens: Tokens) => {
    const fitting = Object.fromEntries(Object.entries(tokens).filter(([, token]) => token.length < 5000));
    const introspect = async (token: string) => {
      const { status, body } = await postForm(latchkey, '/oauth/introspect', { token });
      return [status, body];
    };
    expect(await each(fitting, introspect)).toEqual(all(fitting, [200, { active: false }]));
    const revoke = async (token: string) => (await postForm(latchkey, '/oauth/revoke', { token })).status;
    expect(await each(fitting, revoke)).toEqual(all(fitting, 200));
  };

  test('an access token: TOKEN_INVALID in GraphQL, 401 in REST, inactive for services', async () => {
    const { id, accessToken } = await latchkey.person();
    const { key } = latchkey.app.parts.keyRing.signer();
    const tokens = {
      ...otherSpellings(accessToken),
      ...writtenOtherwise(accessToken, key, now()),
      ...signedOtherwise(accessToken, await publicKey()),
    };
    const api = restClient(latchkey);
    const asked = sendable(tokens);
    const graphql = async (bearer: string) => {
      const { data, errors } = await latchkey.send(MeDocument, {}, { bearer });
      return [data, errors?.[0]?.extensions?.['code'], errors?.[0]?.extensions?.['reason']];
    };
    const rest = async (bearer: string) => {
      const { status, headers, body } = await api.get('/auth/me', { bearer });
      return [status, headers.get('www-authenticate'), body.error_code];
    };
    expect(await each(asked, graphql)).toEqual(all(asked, [{ me: null }, 'UNAUTHENTICATED', 'TOKEN_INVALID']));
    expect(await each(asked, rest)).toEqual(all(asked, [401, 'Bearer error="invalid_token"', 'bad-credentials']));
    await inactive(tokens);
    // They ended nothing, and the same token as we write it is accepted: it is the text that is refused.
    expect((await latchkey.ask(MeDocument, {}, { bearer: accessToken })).me?.id).toBe(id);
    const [head, body] = accessToken.split('.');
    const again = jws(decoded(head), decoded(body), signerOf(key));
    expect((await latchkey.ask(MeDocument, {}, { bearer: again })).me?.id).toBe(id);
    const ahead = jws(decoded(head), { ...claimsOf(accessToken), iat: now() + 30 }, signerOf(key));
    expect((await latchkey.ask(MeDocument, {}, { bearer: ahead })).me?.id).toBe(id);
  });

  test('a refresh token: an ended session everywhere, which ends nothing', async () => {
    const { accessToken, refreshToken } = await latchkey.person();
    const key = latchkey.app.parts.secrets.refreshToken;
    const forms = writtenOtherwise(refreshToken, key, now());
    const generations = Object.fromEntries(
      [0.5, -1, 2 ** 31, 2 ** 53, '1', null].map((gen) => [
        `gen ${gen}`,
        jws({ alg: 'HS256', typ: 'refresh+jwt' }, { ...claimsOf(refreshToken), gen }, hs256(key)),
      ]),
    );
    const tokens = {
      ...otherSpellings(refreshToken),
      ...forms,
      ...generations,
      ...signedOtherwise(refreshToken, null),
      'an access token': accessToken,
    };
    const api = restClient(latchkey);
    const fitting = Object.fromEntries(Object.entries(tokens).filter(([, token]) => token.length < 5000));
    const graphql = async (token: string) =>
      (await latchkey.ask(RefreshDocument, { input: { refreshToken: token } })).refresh.__typename;
    const logout = async (token: string) =>
      (await latchkey.ask(LogoutDocument, { input: { refreshToken: token } })).logout;
    const rest = async (token: string) => [
      (await api.post('/api/auth/refresh/', { refresh: token })).status,
      (await api.post('/auth/refresh-token', { refresh_token: token })).status,
    ];
    expect(await each(fitting, graphql)).toEqual(all(fitting, 'SessionEndedError'));
    expect(await each(fitting, logout)).toEqual(all(fitting, expect.objectContaining({ endedSessionId: null })));
    const { NUL, ...decent } = fitting;
    expect(await each(decent, rest)).toEqual(all(decent, [401, 401]));
    await inactive({ ...tokens, 'an access token': 'x' });
    expect(await graphql(refreshToken)).toBe('RefreshSuccess');
  });

  test('the tokens of the Vault API: refused, inactive', async () => {
    const vault = vaultClient(latchkey);
    const provisional = tokensOf(await vault.register(latchkey.address())).userToken;
    const { vaultToken, userToken } = await vault.person();
    const { secrets, keyRing } = latchkey.app.parts;
    const { key } = keyRing.signer();
    const ofRegistration = {
      ...otherSpellings(provisional),
      ...writtenOtherwise(provisional, secrets.refreshToken, now()),
      ...signedOtherwise(provisional, null),
    };
    const asked = sendable(ofRegistration);
    const refresh = async (bearer: string) => (await vault.get('/api/refresh', bearer)).status;
    expect(await each(asked, refresh)).toEqual(all(asked, 401));
    await inactive(ofRegistration);
    await inactive({
      ...otherSpellings(vaultToken),
      ...writtenOtherwise(vaultToken, key, now()),
      ...signedOtherwise(vaultToken, await publicKey()),
    });
    expect([await refresh(provisional), await refresh(userToken)]).toEqual([200, 200]);
  });

  test('none of them caused an unexpected error', () => {
    const unexpected = latchkey
      .logged()
      .split('\n')
      .filter((line) => line.includes('"msg":"unexpected error"'));
    expect(unexpected).toEqual([]);
  });
});

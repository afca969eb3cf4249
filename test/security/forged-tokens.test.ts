/**
 * Some four hundred forged tokens, of the classes of Wycheproof's vectors for JSON Web Signatures: the service refuses
 * every one, for each algorithm that it can sign with, and so does the verifier for servers.
 */
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JwtAlgorithm } from '#config/tokens/token-settings.ts';
import { createVerifier } from '../../client/src/verifier.ts';
import { LogoutDocument, MeDocument } from '../generated/graphql.ts';
import { type OverHttp, startOverHttp } from '../support/http.ts';
import { jws } from '../support/jws.ts';
import { forgedTokens, inSecondForm, type Original, signerFor } from '../support/jws-vectors.ts';
import { startLatchkey } from '../support/latchkey.ts';

let made = 0;

describe.each<JwtAlgorithm>(['ES256', 'EdDSA', 'RS256', 'PS256', 'HS256'])('tokens of %s', (algorithm) => {
  let service: OverHttp;
  let original: Original;
  beforeAll(async () => {
    service = await startOverHttp({ JWT_ALG: algorithm });
    const { accessToken } = await service.latchkey.person();
    const { key } = service.latchkey.app.parts.keyRing.signer();
    original = {
      header: decodeProtectedHeader(accessToken) as Original['header'],
      claims: decodeJwt(accessToken),
      key,
    };
  });
  afterAll(() => service.close());

  test('that were forged are refused, here and by the verifier for servers', async () => {
    const { accessTokens } = service.latchkey.app.parts;
    const genuine = jws(original.header, original.claims, signerFor(original));
    const forged = forgedTokens(original);
    made += Object.keys(forged).length;
    const reasonOf = (token: string) =>
      accessTokens.read(token).then(
        () => 'accepted',
        (error) => error.reason ?? error,
      );
    const answers = await Promise.all(
      Object.entries(forged).map(async ([name, token]) => [name, await reasonOf(token)] as const),
    );
    expect(answers.filter(([, answer]) => answer !== 'TOKEN_INVALID')).toEqual([]);
    expect(await reasonOf(genuine)).toBe('accepted');

    if (algorithm === 'HS256') return;
    const verifier = createVerifier({ issuer: service.url, algorithm });
    const verified = await Promise.all(
      Object.entries(forged).map(async ([name, token]) => [
        name,
        await verifier.verify(token).then(
          () => 'accepted',
          (error) => error.name,
        ),
      ]),
    );
    expect(verified.filter(([, answer]) => answer !== 'InvalidTokenError')).toEqual([]);
    expect((await verifier.verify(genuine)).userId).toBe(original.claims['sub']);
  });
});

test('the second form of an ECDSA signature is the same token, and ends with its session', async () => {
  const latchkey = await startLatchkey();
  const { id, accessToken, refreshToken } = await latchkey.person();
  const bearer = inSecondForm(accessToken);
  expect(bearer).not.toBe(accessToken);
  expect((await latchkey.ask(MeDocument, {}, { bearer })).me?.id).toBe(id);
  await latchkey.ask(LogoutDocument, { input: { refreshToken } });
  const { errors } = await latchkey.send(MeDocument, {}, { bearer });
  expect(errors?.[0]?.extensions?.['reason']).toBe('SESSION_ENDED');
  await latchkey.close();
});

test('there are as many as the vectors that they follow', () => {
  expect(made).toBeGreaterThan(398);
});

/**
 * The second half of the table of purposes: every place of the REST APIs and every page that takes a token, a code or a
 * link refuses each secret of another kind, and so does everything that takes a bearer token.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MeDocument } from '../generated/graphql.ts';
import { type Latchkey, startLatchkey } from '../support/latchkey.ts';
import { LINK_PAGES } from '../support/link-pages.ts';
import { challengeOf, elsewhere, type Protected, protectedPerson } from '../support/second-factor.ts';
import { PURPOSES, secretKinds } from '../support/secret-kinds.ts';

/** Each place of the documented APIs, with the kinds that are right there; `code …` is the code of that purpose. */
const PLACES: Record<string, readonly string[]> = {
  'post /api/auth/login/confirm/ challenge': ['link second-factor'],
  'post /api/auth/login/confirm/ code': ['recovery code'],
  'post /api/auth/verify-email/ otp': ['code verify-email'],
  'post /api/auth/refresh/ refresh': ['refresh token'],
  'post /auth/login mfa_token': ['link second-factor'],
  'post /auth/login otp': ['recovery code'],
  'post /auth/login/confirm challenge_token': ['link second-factor'],
  'post /auth/login/confirm code': ['recovery code'],
  'post /auth/refresh-token refresh_token': ['refresh token'],
  'post /auth/resend-validation resend_code': [],
  'get /api/verify-email/{token} token': ['link verify-email'],
  'post /api/login/confirm challengeToken': ['link second-factor'],
  'post /api/login/confirm code': ['recovery code'],
  'post /api/reset-passsword token': ['link reset-password'],
  'post /api/reset-password token': ['link reset-password'],
};

/** Each page that a link in an email opens. */
const PAGES: Record<string, readonly string[]> = {
  '/verify-email': ['link verify-email'],
  '/reject-registration': ['link verify-email'],
  '/reset-password': ['link reset-password'],
  '/change-email': ['link change-email'],
  '/undo-email-change': ['link undo-email-change'],
  '/undo-account-deletion': ['link undo-account-deletion'],
  '/undo-security-change': ['link undo-security-change'],
  '/reset-second-factors': ['link reset-second-factors'],
  '/accept-invitation': [],
  '/sign-in-with-email': ['link sign-in-with-email'],
};

type Schema = { $ref?: string; properties?: Record<string, Schema> };
type Operation = {
  parameters?: { name: string; in: string }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
};

describe('a secret of one kind is worth nothing as another', () => {
  let latchkey: Latchkey;
  let person: Protected;
  let secrets: Record<string, string>;
  beforeAll(async () => {
    latchkey = await startLatchkey({ env: { LEGACY_PASSWORDS: 'on' } });
    person = await protectedPerson(latchkey);
    secrets = await secretKinds(latchkey, person);
  });
  afterAll(() => latchkey.close());
  const prisma = () => latchkey.app.parts.database.prisma;

  const post = (path: string, body: Record<string, unknown>, isForm = false) => {
    const text = isForm ? new URLSearchParams(body as Record<string, string>).toString() : JSON.stringify(body);
    const type = isForm ? 'application/x-www-form-urlencoded' : 'application/json';
    const headers = { 'content-type': type, 'sec-fetch-site': 'same-origin' };
    return latchkey.fetch(path, { method: 'POST', headers, body: text }, elsewhere().ip);
  };
  const forget = async () => {
    await prisma().throttle.deleteMany();
    await prisma().challenge.updateMany({ data: { attempts: 0 } });
    await prisma().user.updateMany({ data: { secondFactorFailures: 0, passwordSuspendedAt: null } });
  };
  const others = (right: readonly string[] = []) => Object.entries(secrets).filter(([kind]) => !right.includes(kind));
  const state = async () => ({
    spent: await prisma().challenge.count({ where: { consumedAt: { not: null }, purpose: { in: [...PURPOSES] } } }),
    sessions: await prisma().session.count(),
    codes: await prisma().recoveryCode.count({ where: { usedAt: null } }),
  });

  test('every place of the documents and every page of a link is in the tables', async () => {
    const document = await (await latchkey.fetch('/openapi.json')).json();
    const propertiesOf = ({ $ref, properties = {} }: Schema): string[] =>
      $ref === undefined
        ? Object.keys(properties)
        : propertiesOf(document.components.schemas[$ref.split('/').at(-1) ?? '']);
    const paths = Object.entries<Record<string, Operation>>(document.paths);
    const places = paths.flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, { parameters = [], requestBody }]) =>
        [
          ...parameters.filter((each) => each.in !== 'header').map(({ name }) => name),
          ...Object.values(requestBody?.content ?? {}).flatMap(({ schema }) => propertiesOf(schema)),
        ]
          .filter((name) => /token|code|otp|challenge|refresh/i.test(name))
          .map((name) => `${method} ${path} ${name}`),
      ),
    );
    expect([...new Set(places)].sort()).toEqual(Object.keys(PLACES).sort());
    expect(LINK_PAGES.map((name) => `/${name}`).sort()).toEqual(Object.keys(PAGES).sort());
  });

  test.each(Object.entries(PLACES))('%s', async (place, right) => {
    const [method = '', path = '', field = ''] = place.split(' ');
    const before = await state();
    const live = await challengeOf(latchkey, person);
    for (const [kind, secret] of others(right)) {
      await forget();
      const beside = {
        email: person.email,
        newPassword: 'nine unrelated red teapots',
        // The right code, so that the challenge alone decides.
        code: person.app.code(),
        otp: person.app.code(),
        challenge: live,
        challenge_token: live,
        challengeToken: live,
        mfa_token: live,
      };
      const response =
        method === 'get'
          ? await latchkey.fetch(path.replace('{token}', encodeURIComponent(secret)), {}, elsewhere().ip)
          : await post(path, { ...beside, [field]: secret }, place.startsWith('post /auth/login '));
      expect(response.status, `${kind} at ${place}: ${await response.text()}`).toBeGreaterThanOrEqual(400);
      expect(response.status, `${kind} at ${place}`).toBeLessThan(500);
    }
    expect(await state()).toEqual(before);
  });

  test.each(Object.entries(PAGES))('the page %s', async (path, right) => {
    const before = await state();
    for (const [kind, secret] of others(right)) {
      await forget();
      const shown = await latchkey.fetch(`${path}?token=${encodeURIComponent(secret)}`);
      expect(shown.status, `${kind} at GET ${path}`).toBeLessThan(500);
      const pressed = await post(path, { token: secret, password: 'nine unrelated red teapots' }, true);
      expect(pressed.status, `${kind} at ${path}`).toBeGreaterThanOrEqual(400);
      expect(pressed.status, `${kind} at ${path}`).toBeLessThan(500);
      expect(pressed.headers.getSetCookie()).toEqual([]);
    }
    expect(await state()).toEqual(before);
  });

  test('the second step of the page that signs in', async () => {
    const before = await state();
    const live = await challengeOf(latchkey, person);
    for (const [kind, secret] of others(['link second-factor', 'recovery code'])) {
      await forget();
      for (const form of [
        { challenge: secret, code: person.app.code() },
        { challenge: live, code: secret },
      ]) {
        const pressed = await post('/sign-in-with-email', form, true);
        expect(pressed.status, kind).toBeGreaterThanOrEqual(400);
        expect(pressed.headers.getSetCookie()).toEqual([]);
      }
    }
    expect(await state()).toEqual(before);
  });

  test.each(['/auth/me', '/api/refresh', '/api/resend-email-verification', '/graphql'])(
    'the bearer of %s',
    async (path) => {
      // Only the Vault API's own tokens are exchanged there.
      const right = path === '/auth/me' || path === '/graphql' ? ['access token'] : [];
      for (const [kind, secret] of others(right)) {
        await forget();
        if (path === '/graphql') {
          const { data } = await latchkey.send(MeDocument, {}, { bearer: secret });
          expect(data?.me ?? null, kind).toBeNull();
          continue;
        }
        const response = await latchkey.fetch(path, { headers: { authorization: `Bearer ${secret}` } });
        expect(response.status, `${kind} at ${path}`).toBe(401);
      }
    },
  );
});

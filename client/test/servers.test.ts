/** Servers that verify the tokens of the service, each with the real framework over real HTTP. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import express from 'express';
import { auth } from 'express-oauth2-jwt-bearer';
import fastify from 'fastify';
import { GraphQLError } from 'graphql';
import { createSchema, createYoga } from 'graphql-yoga';
import { Hono } from 'hono';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { addNextKey, PUBLISH_SECONDS } from '../../src/core/tokens/key-rotation.ts';
import { SwitchOrganizationDocument } from '../../test/generated/graphql.ts';
import { type OverHttp, startOverHttp } from '../../test/support/http.ts';
import { by, loner, tenant } from '../../test/support/organizations.ts';
import { protectedPerson } from '../../test/support/second-factor.ts';
import {
  apolloViewer,
  createVerifier,
  expressViewer,
  fastifyViewer,
  honoViewer,
  InsufficientAuthenticationError,
  InvalidTokenError,
  type Requirements,
  type Verifier,
  type Viewer,
  yogaViewer,
} from '../src/verify.ts';

const STEP_UP: Requirements = { acr: 'aal2', maxAgeSeconds: 300 };

type WithViewer = { viewer?: Viewer | null };

describe('@latchkey/client/verify', () => {
  let service: OverHttp;
  let verifier: Verifier;
  beforeAll(async () => {
    service = await startOverHttp();
    verifier = createVerifier({ issuer: service.url });
  });
  afterAll(() => service.close());
  afterEach(() => {
    vi.useRealTimers();
  });

  test('says who asks, and for which organization', async () => {
    const ada = await loner(service.latchkey);
    expect(await verifier.verify(ada.accessToken)).toEqual({
      userId: ada.id,
      sessionId: ada.sessionId,
      role: 'customer',
      isVerified: true,
      organization: null,
      authenticatedAt: expect.any(Date),
      secondFactorAt: null,
      expiresAt: expect.any(Date),
    });
    const { id } = await tenant(service.latchkey, [[ada, 'OWNER']]);
    const { switchOrganization } = await service.latchkey.ask(
      SwitchOrganizationDocument,
      { input: { organizationId: id } },
      by(ada),
    );
    if (!('accessToken' in switchOrganization)) throw new Error(switchOrganization.__typename);
    const { organization } = await verifier.verify(switchOrganization.accessToken);
    expect(organization).toEqual({ id, role: 'OWNER' });
  });

  test('refuses everything else, and tells nobody from a wrong token', async () => {
    const { accessToken, refreshToken } = await service.latchkey.person();
    const [head, payload, signature = ''] = accessToken.split('.');
    const forged = `${head}.${payload}.${signature.slice(2)}AA`;
    for (const token of [refreshToken, forged, `${head}.${payload}.`, 'x', '']) {
      await expect(verifier.verify(token), token).rejects.toThrow(InvalidTokenError);
      await expect(verifier.viewerOf(`Bearer ${token}`), token).rejects.toThrow(InvalidTokenError);
    }
    for (const header of [
      'Bearer',
      `Bearer ${accessToken}, Bearer ${accessToken}`,
      `Basic YTpi, Bearer ${accessToken}`,
    ]) {
      await expect(verifier.viewerOf(header)).rejects.toThrow(InvalidTokenError);
    }
    for (const header of [null, undefined, 'Basic YTpi', 'BearerOfTidings x'])
      expect(await verifier.viewerOf(header)).toBeNull();
    for (const options of [{ issuer: `${service.url}/` }, { issuer: service.url, audience: 'https://api.example' }]) {
      const other = createVerifier({ ...options, jwksUrl: `${service.url}/.well-known/jwks.json` });
      await expect(other.verify(accessToken)).rejects.toThrow(InvalidTokenError);
    }
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 16 * 60_000 });
    await expect(verifier.verify(accessToken)).rejects.toThrow(InvalidTokenError);
  });

  test('a service that does not answer is not a wrong token', async () => {
    const { accessToken } = await service.latchkey.person();
    for (const jwksUrl of ['http://localhost:1/jwks.json', `${service.url}/nothing-here`]) {
      const failure = await createVerifier({ issuer: service.url, jwksUrl })
        .verify(accessToken)
        .catch((error) => error);
      expect(failure).toBeInstanceOf(Error);
      expect(failure).not.toBeInstanceOf(InvalidTokenError);
    }
  });

  test('follows the rotation of keys', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const verifier = createVerifier({ issuer: service.url });
    await verifier.verify((await service.latchkey.person()).accessToken);
    const { parts } = service.latchkey.app;
    const next = await addNextKey(parts);
    vi.setSystemTime(Date.now() + (PUBLISH_SECONDS + 60) * 1000);
    await parts.keyRing.jwks();
    const { accessToken, id } = await service.latchkey.person();
    expect(JSON.parse(atob(accessToken.split('.')[0] ?? '')).kid).toBe(next);
    expect((await verifier.verify(accessToken)).userId).toBe(id);
  });

  test('the verifier of Auth0 takes the tokens in strict mode, which asks for all of RFC 9068', async () => {
    const { url, latchkey } = service;
    const app = express().use(auth({ issuerBaseURL: url, audience: url, tokenSigningAlg: 'ES256', strict: true }));
    app.get('/', ({ auth }, response) => {
      response.json(auth?.payload);
    });
    const server = createServer(app);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const ask = (token: string) =>
      fetch(`http://127.0.0.1:${port}/`, { headers: { authorization: `Bearer ${token}` } });
    const { id, accessToken, refreshToken } = await latchkey.person();
    const answer = await ask(accessToken);
    expect([answer.status, await answer.json()]).toMatchObject([200, { sub: id, client_id: 'latchkey' }]);
    expect((await ask(refreshToken)).status).toBe(401);
    server.closeAllConnections();
    server.close();
  });

  test('tells a token that does not show enough from a wrong one (RFC 9470)', async () => {
    const ada = await protectedPerson(service.latchkey);
    const ben = await service.latchkey.person();
    const refusal = (token: string, requirements: Requirements) =>
      verifier.verify(token, requirements).then(
        () => null,
        (error) => (error instanceof InsufficientAuthenticationError ? error.challenge : error),
      );
    const BEARER = 'Bearer error="insufficient_user_authentication"';
    expect(await refusal(ben.accessToken, { acr: 'aal2' })).toBe(`${BEARER}, acr_values="aal2"`);
    expect(await refusal(ada.accessToken, { acr: 'aal2', maxAgeSeconds: 300 })).toBeNull();
    expect(await refusal(ben.accessToken, { maxAgeSeconds: 300 })).toBeNull();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 6 * 60_000 });
    for (const { accessToken } of [ada, ben]) {
      expect(await refusal(accessToken, { maxAgeSeconds: 300 })).toBe(`${BEARER}, max_age="300"`);
      expect(await refusal(accessToken, { maxAgeSeconds: 0 })).toBe(`${BEARER}, max_age="0"`);
    }
    expect(await refusal(ada.accessToken, { acr: 'aal2', maxAgeSeconds: 300 })).toBe(
      `${BEARER}, acr_values="aal2", max_age="300"`,
    );
    expect(await refusal(ada.accessToken, { acr: 'aal2' })).toBeNull();
    await expect(verifier.viewerOf(null, { acr: 'aal2' })).rejects.toMatchObject({
      name: 'InvalidTokenError',
      code: 'UNAUTHENTICATED',
    });
    // A wrong token is wrong, however little is asked for.
    await expect(verifier.viewerOf('Bearer x', { acr: 'aal2' })).rejects.toMatchObject({ name: 'InvalidTokenError' });
  });

  test('a password does not stand in for a second factor that was shown too long ago', async () => {
    const { latchkey } = service;
    const ada = await protectedPerson(latchkey);
    const secondFactorAt = new Date(latchkey.app.parts.clock().getTime() - 3_600_000);
    const { prisma } = latchkey.app.parts.database;
    const session = await prisma.session.update({ where: { id: ada.sessionId }, data: { secondFactorAt } });
    const user = await prisma.user.findUniqueOrThrow({ where: { id: ada.id } });
    const { token } = latchkey.app.parts.accessTokens.issue(user, session);
    expect((await verifier.verify(token, { maxAgeSeconds: 600 })).userId).toBe(ada.id);
    await expect(verifier.verify(token, { acr: 'aal2', maxAgeSeconds: 600 })).rejects.toMatchObject({
      code: 'REAUTHENTICATION_REQUIRED',
    });
  });

  /** Each answers with the id of the viewer; at /transfer it asks for a second factor. */
  const servers: Record<string, () => Promise<RequestListener>> = {
    express: async () =>
      express()
        .use(expressViewer(verifier))
        .get('/', (request, response) => {
          response.json({ id: (request as WithViewer).viewer?.userId ?? null });
        })
        .get('/transfer', expressViewer(verifier, STEP_UP), (request, response) => {
          response.json({ id: (request as WithViewer).viewer?.userId ?? null });
        }),
    fastify: async () => {
      const app = fastify();
      app.addHook('onRequest', fastifyViewer(verifier));
      const answer = async (request: object) => ({ id: (request as WithViewer).viewer?.userId ?? null });
      app.get('/', answer);
      app.get('/transfer', { onRequest: fastifyViewer(verifier, STEP_UP) }, answer);
      await app.ready();
      return (request, response) => app.routing(request, response);
    },
    hono: async () => {
      const app = new Hono<{ Variables: { viewer: Viewer | null } }>();
      app.use(honoViewer(verifier));
      app.use('/transfer', honoViewer(verifier, STEP_UP));
      app.get('*', (context) => context.json({ id: context.get('viewer')?.userId ?? null }));
      return getRequestListener(app.fetch);
    },
    yoga: async () => {
      const schema = createSchema<{ viewer: Viewer | null }>({
        typeDefs: 'type Query { id: ID }',
        resolvers: { Query: { id: (_root: unknown, _args: unknown, { viewer }) => viewer?.userId } },
      });
      const plain = createYoga({ schema, plugins: [yogaViewer(verifier)], graphqlEndpoint: '/', logging: false });
      const options = { schema, plugins: [yogaViewer(verifier, STEP_UP)], logging: false };
      const strict = createYoga({ ...options, graphqlEndpoint: '/transfer' });
      return (request, response) => (request.url?.startsWith('/transfer') ? strict : plain)(request, response);
    },
  };

  test.each(Object.keys(servers))(
    '%s knows the viewer, lets anonymous requests pass, and answers 401',
    async (name) => {
      const server = createServer(await servers[name]?.());
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const ask = async (authorization?: string, path = '/') => {
        const response = await fetch(`http://127.0.0.1:${port}${path}?query={id}`, {
          headers: authorization === undefined ? {} : { authorization },
        });
        const { data, ...body } = await response.json();
        return [response.status, response.headers.get('www-authenticate'), data ?? body];
      };
      const { id, accessToken } = await service.latchkey.person();
      expect(await ask(`Bearer ${accessToken}`)).toEqual([200, null, { id }]);
      expect(await ask()).toEqual([200, null, { id: null }]);
      const message = 'The access token is invalid or has expired.';
      const body = { errors: [{ message, extensions: { code: 'UNAUTHENTICATED' } }] };
      expect(await ask('Bearer nonsense')).toEqual([401, 'Bearer error="invalid_token"', body]);

      const challenge = 'Bearer error="insufficient_user_authentication", acr_values="aal2", max_age="300"';
      const asked = { message: 'Please confirm that it is you.', extensions: { code: 'REAUTHENTICATION_REQUIRED' } };
      expect(await ask(`Bearer ${accessToken}`, '/transfer')).toEqual([401, challenge, { errors: [asked] }]);
      expect((await ask(undefined, '/transfer'))[0]).toBe(401);
      const ada = await protectedPerson(service.latchkey);
      expect(await ask(`Bearer ${ada.accessToken}`, '/transfer')).toEqual([200, null, { id: ada.id }]);
      server.closeAllConnections();
      server.close();
    },
  );

  test('Apollo Server knows the viewer, and answers 401 to a token that is not valid', async () => {
    const ask = (authorization?: string, requirements?: Requirements) =>
      apolloViewer(verifier, requirements)({ req: { headers: { authorization } } });
    // Apollo Server makes this of any error of a context function, and reads status and headers in its extensions.
    const refusalOf = async (authorization?: string, requirements?: Requirements) => {
      const error = await ask(authorization, requirements).catch((thrown) => thrown);
      return new GraphQLError(error.message, { originalError: error }).extensions;
    };
    const refusal = (code: string, challenge: string) => ({
      code,
      http: { status: 401, headers: new Map([['www-authenticate', challenge]]) },
    });
    const { id, accessToken } = await service.latchkey.person();
    expect((await ask(`Bearer ${accessToken}`)).viewer?.userId).toBe(id);
    expect(await ask()).toEqual({ viewer: null });
    expect(await refusalOf('Bearer x')).toEqual(refusal('UNAUTHENTICATED', 'Bearer error="invalid_token"'));
    const challenge = 'Bearer error="insufficient_user_authentication", acr_values="aal2", max_age="300"';
    expect(await refusalOf(`Bearer ${accessToken}`, STEP_UP)).toEqual(refusal('REAUTHENTICATION_REQUIRED', challenge));
    const nowhere = apolloViewer(createVerifier({ issuer: 'http://127.0.0.1:9' }));
    const fault = await nowhere({ req: { headers: { authorization: `Bearer ${accessToken}` } } }).catch(
      (error) => error,
    );
    expect([fault instanceof Error, fault.extensions]).toEqual([true, undefined]);
  });
});

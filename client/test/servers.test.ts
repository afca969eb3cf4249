/** Servers that verify the tokens of the service, each with the real framework over real HTTP. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import express from 'express';
import { auth } from 'express-oauth2-jwt-bearer';
import fastify from 'fastify';
import { createSchema, createYoga } from 'graphql-yoga';
import { Hono } from 'hono';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { addNextKey, PUBLISH_SECONDS } from '../../src/core/tokens/key-rotation.ts';
import { SwitchOrganizationDocument } from '../../test/generated/graphql.ts';
import { type OverHttp, startOverHttp } from '../../test/support/http.ts';
import { by, loner, tenant } from '../../test/support/organizations.ts';
import {
  createVerifier,
  expressViewer,
  fastifyViewer,
  honoViewer,
  InvalidTokenError,
  type Verifier,
  type Viewer,
  yogaViewer,
} from '../src/verify.ts';

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

  /** Each answers with the id of the viewer. */
  const servers: Record<string, () => Promise<RequestListener>> = {
    express: async () =>
      express()
        .use(expressViewer(verifier))
        .get('/', (request, response) => {
          response.json({ id: (request as WithViewer).viewer?.userId ?? null });
        }),
    fastify: async () => {
      const app = fastify();
      app.addHook('onRequest', fastifyViewer(verifier));
      app.get('/', async (request) => ({ id: (request as WithViewer).viewer?.userId ?? null }));
      await app.ready();
      return (request, response) => app.routing(request, response);
    },
    hono: async () => {
      const app = new Hono<{ Variables: { viewer: Viewer | null } }>();
      app.use(honoViewer(verifier));
      app.get('/', (context) => context.json({ id: context.get('viewer')?.userId ?? null }));
      return getRequestListener(app.fetch);
    },
    yoga: async () => {
      const schema = createSchema<{ viewer: Viewer | null }>({
        typeDefs: 'type Query { id: ID }',
        resolvers: { Query: { id: (_root: unknown, _args: unknown, { viewer }) => viewer?.userId } },
      });
      return createYoga({ schema, plugins: [yogaViewer(verifier)], graphqlEndpoint: '/', logging: false });
    },
  };

  test.each(Object.keys(servers))(
    '%s knows the viewer, lets anonymous requests pass, and answers 401',
    async (name) => {
      const server = createServer(await servers[name]?.());
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const ask = async (authorization?: string) => {
        const response = await fetch(`http://127.0.0.1:${port}/?query={id}`, {
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
      server.closeAllConnections();
      server.close();
    },
  );
});

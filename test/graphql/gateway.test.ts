/**
 * Latchkey behind a gateway, beside another subgraph that verifies the tokens by itself: the real Hive Gateway over
 * HTTP, with a supergraph that a library composed. docs/gateways.md shows the same.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGatewayRuntime, type GatewayRuntime } from '@graphql-hive/gateway-runtime';
import httpTransport from '@graphql-mesh/transport-http';
import { assertCompositionSuccess, composeServices } from '@theguild/federation-composition';
import { parse } from 'graphql';
import { createSchema, createYoga } from 'graphql-yoga';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { addNextKey, PUBLISH_SECONDS } from '#core/tokens/key-rotation.ts';
import { createVerifier, type Viewer, yogaViewer } from '../../client/src/verify.ts';
import { type OverHttp, startOverHttp } from '../support/http.ts';
import { PASSWORD, type Person } from '../support/latchkey.ts';
import { tenant } from '../support/organizations.ts';

/** A service that knows what people wrote, and of the people only their ids. */
const REVIEWS = `
  type Query { latestReviews: [Review!]! myReviews: [Review!] }
  type Review { id: ID! text: String! author: User organization: Organization }
  type User @key(fields: "id") { id: ID! reviews: [Review!]! }
  type Organization @key(fields: "id") { id: ID! reviews: [Review!]! }
`;
const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])';
const ENTITIES = `
  directive @key(fields: String!) on OBJECT
  scalar _Any
  union _Entity = User | Organization
  extend type Query { _entities(representations: [_Any!]!): [_Entity]! }
`;

type Review = { id: string; text: string; author: { id: string }; organization: { id: string } | null };
type Represented = { __typename: string; id: string };

describe('behind a gateway', () => {
  let service: OverHttp;
  let other: Server;
  let gateway: GatewayRuntime;
  let ada: Person;
  let bea: Person;
  const reviews: Review[] = [];
  /** Documents that reached Latchkey. */
  let received: string[] = [];

  beforeAll(async () => {
    service = await startOverHttp({ FEDERATION: 'on' });
    [ada, bea] = [await service.latchkey.person(), await service.latchkey.person()];
    const yoga = createYoga<object, { viewer: Viewer | null }>({
      plugins: [yogaViewer(createVerifier({ issuer: service.url }))],
      logging: false,
      schema: createSchema<{ viewer: Viewer | null }>({
        typeDefs: REVIEWS + ENTITIES,
        resolvers: {
          Query: {
            latestReviews: () => reviews,
            myReviews: (_root, _args, { viewer }) =>
              viewer && reviews.filter(({ author }) => author.id === viewer.userId),
            _entities: (_root, { representations }) => representations,
          },
          _Entity: { __resolveType: ({ __typename }: Represented) => __typename },
          User: { reviews: ({ id }: Represented) => reviews.filter(({ author }) => author.id === id) },
          Organization: { reviews: ({ id }: Represented) => reviews.filter((each) => each.organization?.id === id) },
        },
      }),
    });
    other = createServer(yoga);
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const { data } = await (await fetch(`${service.url}/graphql`, operation('{ _service { sdl } }'))).json();
    const composed = composeServices([
      { name: 'latchkey', url: `${service.url}/graphql`, typeDefs: parse(data._service.sdl) },
      { name: 'reviews', url: `http://127.0.0.1:${port}/graphql`, typeDefs: parse(LINK + REVIEWS) },
    ]);
    assertCompositionSuccess(composed);
    gateway = createGatewayRuntime({
      supergraph: composed.supergraphSdl,
      transports: { http: httpTransport },
      logging: false,
      propagateHeaders: {
        fromClientToSubgraphs: ({ request }) => ({ authorization: request.headers.get('authorization') }),
      },
      plugins: () => [
        {
          onFetch({ url, options }) {
            if (url.startsWith(service.url)) received.push(JSON.parse(String(options.body)).query);
          },
        },
      ],
    });
  });
  afterAll(async () => {
    vi.useRealTimers();
    await gateway?.[Symbol.asyncDispose]();
    other?.closeAllConnections();
    other?.close();
    await service.close();
  });

  function operation(query: string, bearer?: string): RequestInit {
    const headers = { 'content-type': 'application/json', ...(bearer && { authorization: `Bearer ${bearer}` }) };
    return { method: 'POST', headers, body: JSON.stringify({ query }) };
  }
  async function through(query: string, bearer?: string) {
    received = [];
    const request = new Request('http://gateway.example.test/graphql', operation(query, bearer));
    return (await gateway.fetch(request)).json();
  }

  test('people and organizations are joined with what the other service knows, for those who may see them', async () => {
    const { id: organizationId } = await tenant(service.latchkey, [[ada, 'OWNER']]);
    for (let at = 0; at < 20; at++) {
      const author = at % 2 === 0 ? ada : bea;
      reviews.push({
        id: `${at}`,
        text: `Review ${at}`,
        author: { id: author.id },
        organization: { id: organizationId },
      });
    }
    const mine = await through('{ me { email reviews { text } } }', ada.accessToken);
    expect(mine).toEqual({
      data: {
        me: { email: ada.email, reviews: reviews.filter((_, at) => at % 2 === 0).map(({ text }) => ({ text })) },
      },
    });
    const query = '{ latestReviews { text author { id email } organization { slug } } }';
    const latest = await through(query, ada.accessToken);
    // Where the viewer sees no entity, the gateway complains of each field that is missing.
    for (const { path } of latest.errors) expect(path).toEqual(['latestReviews', path[1], 'author', 'email']);
    expect(latest.data.latestReviews).toHaveLength(20);
    for (const [at, { author, organization }] of latest.data.latestReviews.entries()) {
      expect(author).toEqual(at % 2 === 0 ? { id: ada.id, email: ada.email } : null);
      expect(organization.slug).toMatch(/^tenant-/);
    }
    // One request for all authors, and one for all organizations at most.
    expect(received.length).toBeLessThanOrEqual(2);
    const forBea = await through(query, bea.accessToken);
    expect(forBea.data.latestReviews.map((each: { organization: object | null }) => each.organization)).toEqual(
      Array(20).fill(null),
    );
  });

  test('a bad token gets in the way of neither signing in nor what needs no person', async () => {
    const login = `mutation { login(input: {identifier: "${ada.email}", password: "${PASSWORD}"}) { __typename } }`;
    expect(await through(login, 'not.a.token')).toEqual({ data: { login: { __typename: 'LoginSuccess' } } });
    const refused = await through('{ me { id } }', 'not.a.token');
    expect(refused.data).toEqual({ me: null });
    expect(refused.errors[0].extensions.code).toBe('UNAUTHENTICATED');
  });

  test('both services follow the rotation of the keys', async () => {
    const query = '{ me { id } myReviews { text } }';
    const isAda = { data: { me: { id: ada.id }, myReviews: expect.arrayContaining([{ text: 'Review 0' }]) } };
    expect(await through(query, ada.accessToken)).toEqual(isAda);
    const { parts } = service.latchkey.app;
    const next = await addNextKey(parts);
    vi.useFakeTimers({ toFake: ['Date'] });
    vi.setSystemTime(Date.now() + (PUBLISH_SECONDS + 60) * 1000);
    await parts.keyRing.jwks();
    expect(await through(query, ada.accessToken)).toEqual(isAda);
    const login = `mutation { login(input: {identifier: "${ada.email}", password: "${PASSWORD}"}) { ... on LoginSuccess { tokens { accessToken } } } }`;
    const { accessToken } = (await through(login)).data.login.tokens;
    expect(JSON.parse(atob(accessToken.split('.')[0])).kid).toBe(next);
    expect(await through(query, accessToken)).toEqual(isAda);
  });
});

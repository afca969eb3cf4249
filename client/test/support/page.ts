/** What the pages of the browser tests run. */
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { Client, cacheExchange, fetchExchange } from '@urql/core';
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { authLink } from '../../src/apollo.ts';
import { type Auth, createAuth, webStorage } from '../../src/index.ts';
import { AuthProvider, useAuth, useSession, useViewer } from '../../src/react.ts';
import { authExchange } from '../../src/urql.ts';

const NAMES = Array.from({ length: 10 }, (_, at) => `Screen${at}`);
const emailOf = (data: { me: { email: string } | null } | undefined) => data?.me?.email ?? null;

function Screen() {
  const { status } = useSession();
  const viewer = useViewer();
  const auth = useAuth();
  return createElement('button', { type: 'button', onClick: () => auth.logout() }, `${status} ${viewer?.email}`);
}

const clients = {
  createAuth,
  webStorage,
  /** Ten queries at once with Apollo Client. */
  async withApollo(auth: Auth, url: string) {
    const client = new ApolloClient({
      cache: new InMemoryCache(),
      link: ApolloLink.from([authLink(auth), new HttpLink({ uri: `${url}/graphql` })]),
    });
    const ask = (name: string) =>
      client.query<{ me: { email: string } | null }>({
        query: gql(`query ${name} { me { id email } }`),
        fetchPolicy: 'network-only',
      });
    return (await Promise.all(NAMES.map(ask))).map(({ data }) => emailOf(data));
  },
  /** Ten queries at once with urql. */
  async withUrql(auth: Auth, url: string) {
    const client = new Client({
      url: `${url}/graphql`,
      preferGetMethod: false,
      exchanges: [cacheExchange, authExchange(auth), fetchExchange],
    });
    const ask = (name: string) =>
      client.query<{ me: { email: string } | null }>(
        `query ${name} { me { id email } }`,
        {},
        { requestPolicy: 'network-only' },
      );
    return (await Promise.all(NAMES.map((name) => ask(name).toPromise()))).map(({ data }) => emailOf(data));
  },
  /** Shows who is signed in, in a button that signs out. */
  withReact(auth: Auth) {
    createRoot(document.body).render(createElement(AuthProvider, { auth }, createElement(Screen)));
  },
};

export type Clients = typeof clients;
Object.assign(globalThis, clients);

/** Apollo Client 4 that stays signed in. docs/browsers-and-sessions.md shows this file from here on. */
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache } from '@apollo/client';
import { SetContextLink } from '@apollo/client/link/context';
import { ErrorLink } from '@apollo/client/link/error';
import { from, switchMap, throwError } from 'rxjs';

/** Put in what `login` gave, and null after `logout`. It becomes null when the session has ended. */
export type SignIn = { tokens: { accessToken: string; refreshToken?: string | null } | null };

const REFRESH = `mutation ($refreshToken: String) {
  refresh(input: { refreshToken: $refreshToken }) { ... on RefreshSuccess { tokens { accessToken refreshToken } } }
}`;

/** @param possibleTypes the members of every union and interface of the schema */
export function createClient(uri: string, signIn: SignIn, possibleTypes: Record<string, string[]>): ApolloClient {
  // One refresh at a time, whatever the number of requests that wait for it; and past the links, which would wait too.
  let refreshing: Promise<void> | null = null;
  const refresh = () => (refreshing ??= refreshOnce().finally(() => (refreshing = null)));
  const refreshOnce = async () => {
    const response = await fetch(uri, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: REFRESH, variables: { refreshToken: signIn.tokens?.refreshToken } }),
    });
    const { data } = await response.json();
    // No data is a fault that may pass; anything else but success ends the session.
    if (data) signIn.tokens = data.refresh.tokens ?? null;
  };
  const authorization = () => (signIn.tokens === null ? {} : { authorization: `Bearer ${signIn.tokens.accessToken}` });
  const isUnauthenticated = (error: unknown) =>
    CombinedGraphQLErrors.is(error) && error.errors.some(({ extensions }) => extensions?.code === 'UNAUTHENTICATED');

  return new ApolloClient({
    cache: new InMemoryCache({ possibleTypes }),
    link: ApolloLink.from([
      // Before the link that adds the token: `forward` then takes the new one. It tries a second time only, never a
      // third.
      new ErrorLink(({ error, operation, forward }) => {
        if (signIn.tokens === null || !isUnauthenticated(error)) return;
        const isCurrent = operation.getContext().headers?.authorization === authorization().authorization;
        return from(isCurrent ? refresh() : Promise.resolve()).pipe(
          switchMap(() => (signIn.tokens === null ? throwError(() => error) : forward(operation))),
        );
      }),
      new SetContextLink(({ headers }) => ({ headers: { ...headers, ...authorization() } })),
      new HttpLink({ uri }),
    ]),
  });
}

/** Who is signed in, and GraphQL with their token: all that Latchkey asks of an app. */
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { createAuth } from '@latchkey/client';
import { authLink, clearOnChange } from '@latchkey/client/apollo';

const url = import.meta.env.VITE_LATCHKEY_URL ?? 'http://localhost:4000';

export const auth = createAuth({ url, transport: 'cookie' });
export const apollo = new ApolloClient({
  cache: new InMemoryCache(),
  link: ApolloLink.from([authLink(auth), new HttpLink({ uri: `${url}/graphql` })]),
  defaultOptions: { mutate: { fetchPolicy: 'no-cache' } },
});
clearOnChange(auth, apollo);

/** Apollo Client 4 with the tokens of `Auth`. */
import { type ApolloClient, ApolloLink, ServerError } from '@apollo/client';
import { catchError, from, type Observable, of, switchMap, throwError } from 'rxjs';
import type { Auth } from './create-auth.ts';
import { isStepUp } from './step-up.ts';

type Result = ApolloLink.Result;

/**
 * Attaches the access token, and once it is refused, sends the operation again with a new one. However many operations
 * wait, there is one refresh. Put it before the link that sends. Tokens never pass through the cache of Apollo Client:
 * `auth.login` and the refresh do not use it.
 */
export function authLink(auth: Auth): ApolloLink {
  return new ApolloLink((operation, forward) => {
    const send = (token: string | null) => {
      if (token !== null) {
        operation.setContext(({ headers }) => ({ headers: { ...headers, authorization: `Bearer ${token}` } }));
      }
      return forward(operation);
    };
    const sendAgain = (rejected: string, otherwise: () => Observable<Result>) =>
      from(auth.token({ rejected })).pipe(switchMap((next) => (next === null ? otherwise() : send(next))));
    return from(auth.token()).pipe(
      switchMap((token) => {
        if (token === null) return send(null);
        return send(token).pipe(
          catchError((error) => (isRefusal(error) ? of(error) : throwError(() => error))),
          switchMap((answer) => {
            if (ServerError.is(answer)) return sendAgain(token, () => throwError(() => answer));
            return isUnauthenticated(answer) ? sendAgain(token, () => of(answer)) : of(answer);
          }),
        );
      }),
    );
  });
}

/**
 * Empties the cache when someone else signs in and when nobody is signed in any more, on any tab. Returns the function
 * that stops it.
 */
export function clearOnChange(auth: Auth, client: ApolloClient): () => void {
  let before: string | null | undefined;
  return auth.session.subscribe((state) => {
    if (state.status === 'starting') return;
    const id = state.status === 'signed-in' ? state.user.id : null;
    const isChange = before !== undefined && before !== id;
    before = id;
    // Queries that fail say so where they are used.
    if (isChange) (id === null ? client.clearStore() : client.resetStore()).catch(() => {});
  });
}

const isUnauthenticated = ({ errors }: Result) =>
  errors?.some(({ extensions }) => extensions?.['code'] === 'UNAUTHENTICATED') ?? false;
const isRefusal = (error: unknown): error is ServerError =>
  ServerError.is(error) && error.statusCode === 401 && !isStepUp(error.response);

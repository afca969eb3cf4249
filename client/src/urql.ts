/** urql with the tokens of `Auth`. */
import type { Exchange, Operation } from '@urql/core';
import { authExchange as createAuthExchange } from '@urql/exchange-auth';
import type { Auth } from './create-auth.ts';
import { isStepUp } from './step-up.ts';

/**
 * Attaches the access token, and once it is refused, sends the operation again with a new one. However many operations
 * wait, there is one refresh. Put it after the cache and before `fetchExchange`.
 */
export function authExchange(auth: Auth): Exchange {
  return createAuthExchange(async (utilities) => {
    // If the service cannot be reached, the operation itself says so.
    let token = await auth.token().catch(() => null);
    let rejected: string | null = null;
    let isCurrent = false;
    auth.session.subscribe(() => {
      isCurrent = false;
    });
    // After the listener has been called for the first time.
    isCurrent = true;
    return {
      addAuthToOperation: (operation) =>
        token === null ? operation : utilities.appendHeaders(operation, { authorization: `Bearer ${token}` }),
      // Someone signed in or out since, or the token was refreshed.
      willAuthError: () => !isCurrent,
      didAuthError({ graphQLErrors, response }, operation) {
        const isRefused =
          (response?.status === 401 && !isStepUp(response)) ||
          graphQLErrors.some(({ extensions }) => extensions['code'] === 'UNAUTHENTICATED');
        rejected = isRefused ? tokenOf(operation) : null;
        return rejected !== null;
      },
      async refreshAuth() {
        token = await auth.token({ rejected }).catch(() => token);
        rejected = null;
        isCurrent = true;
      },
    };
  });
}

/** The token that an operation was sent with. */
function tokenOf({ context }: Operation): string | null {
  const options = typeof context.fetchOptions === 'function' ? context.fetchOptions() : context.fetchOptions;
  return new Headers(options?.headers).get('authorization')?.replace(/^Bearer /, '') ?? null;
}

/** Who is signed in, as a value that can be watched. */
import type { Login } from './generated/operations.ts';
import type { ResultOf } from './types.ts';

/** What every way to sign in answers with. */
export type LoginSuccess = Extract<ResultOf<typeof Login>, { __typename: 'LoginSuccess' }>;
/** The person who is signed in. */
export type Viewer = LoginSuccess['user'];
/** The session of this browser or app. */
export type Session = LoginSuccess['session'];

/**
 * Why nobody is signed in:
 * - `none`: nobody was
 * - `signed-out`: by this page
 * - `signed-out-in-another-tab`
 * - `ended`: the service ended the session: it expired, the person ended it elsewhere or changed their password, an
 *   administrator disabled the account, or its refresh token was used twice
 */
export type SignedOutReason = 'none' | 'signed-out' | 'signed-out-in-another-tab' | 'ended';

/** Nobody, as far as is known; `user` and `session` are there to be read without asking for the status first. */
type Nobody = { readonly user?: undefined; readonly session?: undefined };

export type SessionState =
  /** Not known yet: the page has just been loaded, or the service could not be asked since, for the reason `error`. */
  | (Nobody & { readonly status: 'starting'; readonly error: Error | null })
  | { readonly status: 'signed-in'; readonly user: Viewer; readonly session: Session }
  | (Nobody & { readonly status: 'signed-out'; readonly reason: SignedOutReason });

/** A value with its listeners: the store contract of Svelte, which also suits React's `useSyncExternalStore`. */
export type Observable<Value> = {
  readonly current: Value;
  /** Calls the listener at once and after every change, until the function it returns is called. */
  subscribe: (listener: (value: Value) => void) => () => void;
};

export function createObservable<Value>(first: Value): Observable<Value> & { set: (value: Value) => void } {
  const listeners = new Set<(value: Value) => void>();
  let current = first;
  return {
    get current() {
      return current;
    },
    set(value) {
      current = value;
      for (const listener of [...listeners]) listener(value);
    },
    subscribe(listener) {
      // A function of its own, so that one listener can subscribe twice.
      const own = (value: Value) => listener(value);
      listeners.add(own);
      own(current);
      return () => {
        listeners.delete(own);
      };
    },
  };
}

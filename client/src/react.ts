/** React components and hooks around `Auth`. */
import {
  createContext,
  createElement,
  type ReactElement,
  type ReactNode,
  useContext,
  useSyncExternalStore,
} from 'react';
import type { Auth } from './create-auth.ts';
import type { SessionState, Viewer } from './session-state.ts';

const AuthContext = createContext<Auth | null>(null);
const STARTING: SessionState = { status: 'starting', error: null };

/** Gives `auth` to the components inside. */
export function AuthProvider({ auth, children }: { auth: Auth; children?: ReactNode }): ReactElement {
  return createElement(AuthContext, { value: auth }, children);
}

/** The `auth` of the nearest AuthProvider. */
export function useAuth(): Auth {
  const auth = useContext(AuthContext);
  if (auth === null) throw new Error('useAuth is used outside of an AuthProvider.');
  return auth;
}

/** Who is signed in, and why nobody is. While a server renders the page, it is `starting`. */
export function useSession(): SessionState {
  const { session } = useAuth();
  return useSyncExternalStore(
    session.subscribe,
    () => session.current,
    () => STARTING,
  );
}

/** The person who is signed in; null if nobody is, or if it is not known yet. */
export function useViewer(): Viewer | null {
  const state = useSession();
  return state.status === 'signed-in' ? state.user : null;
}

/** Signs people in with Latchkey. See docs/clients.md of Latchkey. */
export { type Auth, type AuthOptions, createAuth } from './create-auth.ts';
export type { Document } from './document.ts';
export { CookieBlockedError, RequestError, UnavailableError } from './errors.ts';
export type { Observable, Session, SessionState, SignedOutReason, Viewer } from './session-state.ts';
export { type TokenStorage, webStorage } from './storage.ts';
export { type FailureOf, type InputOf, isFailure, type ResultOf } from './types.ts';

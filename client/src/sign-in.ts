/** What a page knows of the person who is signed in, and what tabs tell each other. */
import type { Session, Viewer } from './session-state.ts';

export type SignIn = {
  accessToken: string;
  /** By the clock of this machine, in milliseconds. The clock of the service may be another. */
  expiresAt: number;
  /** Null with the cookie transport. */
  refreshToken: string | null;
  user: Viewer;
  session: Session;
};

/** The tokens of the same session after another proof. */
export type RaisedTokens = { accessToken: string; expiresIn: number; refreshToken: string | null };

type Success = {
  tokens: RaisedTokens;
  user: Viewer;
  session: Session;
};

/** @param askedAt when the tokens were asked for: they may be this much older than their arrival */
export function signInOf({ tokens, user, session }: Success, askedAt: number): SignIn {
  const { accessToken, expiresIn, refreshToken } = tokens;
  return { accessToken, expiresAt: askedAt + expiresIn * 1000, refreshToken, user, session };
}

/** A token is exchanged this long before it expires, but not before half of its life. */
const MARGIN_MS = 60_000;

export const isFresh = ({ expiresAt }: SignIn) => Date.now() < expiresAt - 5_000;

/** When to refresh, in milliseconds from now. */
export function refreshDelayOf({ expiresAt }: SignIn): number {
  const left = expiresAt - Date.now();
  return Math.max(left - MARGIN_MS, left / 2, 0);
}

/**
 * Keeps the person signed in: holds the tokens in memory, refreshes them before they expire, and says who is signed in.
 *
 * Only the answer `SessionEndedError` of the service ends a session here. A refresh that fails in any other way is
 * tried again: the service gives the same tokens to a refresh whose answer was lost.
 */
import type { Endpoint } from './endpoint.ts';
import { RequestError, UnavailableError } from './errors.ts';
import { Refresh } from './generated/operations.ts';
import { createObservable, type Observable, type SessionState, type SignedOutReason } from './session-state.ts';
import { isFresh, type RaisedTokens, refreshDelayOf, type SignIn, signInOf } from './sign-in.ts';
import type { TokenStorage } from './storage.ts';
import { createTabs } from './tabs.ts';

/** After these waits, a refresh that found no service is tried again while someone waits for it. */
const RETRIES_MS = [300, 1_000];
/** And this long after the last of them, or as soon as the network is back. */
const LATER_MS = 15_000;
/** A longer one would end at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export type Keeper = {
  session: Observable<SessionState>;
  /** @param rejected a token that the service has refused: another one is wanted */
  token: (rejected?: string | null) => Promise<string | null>;
  /** The tokens in memory, whatever their age. */
  current: () => SignIn | null;
  /** Someone signs in on this page: the task keeps what the service gave, if it did. */
  signIn: <Result>(task: (keep: (signIn: SignIn) => Promise<void>) => Promise<Result>) => Promise<Result>;
  /** Goes on with the tokens that a proof gives, on all tabs: those from before do not gain from it. */
  raise: <Result>(prove: (refreshToken: string | null) => Promise<Result>) => Promise<Result>;
  /** Ends the sign-in on all tabs, when the task has told the service so. */
  signOut: <Result>(task: (signIn: SignIn | null) => Promise<Result>) => Promise<Result>;
  /** The account has changed. */
  update: (user: SignIn['user']) => void;
  close: () => void;
};

type Options = {
  endpoint: Endpoint;
  isCookie: boolean;
  storage: TokenStorage | undefined;
  /** The same in all tabs that belong together. */
  name: string;
};

export function createKeeper({ endpoint, isCookie, storage, name }: Options): Keeper {
  const session = createObservable<SessionState>({ status: 'starting', error: null });
  let current: SignIn | null = null;
  let running: Promise<void> | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const page = globalThis.document;

  const tabs = createTabs(name, {
    current: () => current,
    onSignedIn: (signIn) => {
      const isNews = signIn.session.id !== current?.session.id || signIn.expiresAt > current.expiresAt;
      if (isNews) adopt(signIn);
    },
    onSignedOut: (sessionId, reason) => {
      if (current?.session.id === sessionId) end(reason);
    },
  });

  function adopt(signIn: SignIn): void {
    current = signIn;
    session.set({ status: 'signed-in', user: signIn.user, session: signIn.session });
    schedule();
  }

  function end(reason: SignedOutReason): void {
    clearTimeout(timer);
    const wasSignedIn = current !== null;
    current = null;
    if (wasSignedIn || session.current.status === 'starting') session.set({ status: 'signed-out', reason });
  }

  /** A page that nobody looks at lets its token expire: a forgotten tab must not keep a session alive for ever. */
  function schedule(delay = current === null ? 0 : refreshDelayOf(current)): void {
    clearTimeout(timer);
    if (page?.hidden) return;
    timer = setTimeout(refreshInBackground, Math.min(delay, LONGEST_TIMER_MS));
    // Node does not wait for it.
    (timer as { unref?: () => void }).unref?.();
  }

  function refreshInBackground(): void {
    const before = current;
    refresh(() => current !== null && current !== before).catch((error: Error) => {
      if (session.current.status === 'starting') session.set({ status: 'starting', error });
      // Not all at the same moment, when the service is back.
      schedule(LATER_MS * (0.5 + Math.random()));
    });
  }

  /** After a wake-up, and when the network is back. */
  function onWake(): void {
    if (current !== null) schedule();
    else if (session.current.status === 'starting') refreshInBackground();
  }

  /** One refresh at a time, in this tab and in all. It is not needed any more if `isEnough` becomes true meanwhile. */
  function refresh(isEnough: () => boolean): Promise<void> {
    running ??= tabs
      .exclusively((waited) => refreshOnce(isEnough, waited))
      .finally(() => {
        running = null;
      });
    return running;
  }

  async function refreshOnce(isEnough: () => boolean, waited: boolean): Promise<void> {
    // Another tab may have refreshed meanwhile, or hold the only refresh token there is.
    if (waited || (!isCookie && storage === undefined)) await tabs.ask(isEnough);
    if (isEnough()) return;
    const refreshToken = isCookie ? null : ((await storage?.get()) ?? current?.refreshToken ?? null);
    if (!isCookie && refreshToken === null) return end('none');
    const askedAt = Date.now();
    const { refresh: result } = await persistently(() => endpoint.send(Refresh, { input: { refreshToken } }));
    if (result.__typename === 'RefreshSuccess') return keep(signInOf(result, askedAt));
    if (result.__typename !== 'SessionEndedError') throw new RequestError(result.message, result.code);
    const wasSignedIn = current !== null || refreshToken !== null;
    await storage?.clear();
    tabs.tell({ type: 'signed-out', sessionId: current?.session.id, reason: 'ended' });
    end(wasSignedIn ? 'ended' : 'none');
  }

  async function persistently<Result>(send: () => Promise<Result>): Promise<Result> {
    for (const wait of RETRIES_MS) {
      try {
        return await send();
      } catch (error) {
        if (!(error instanceof UnavailableError)) throw error;
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
    return send();
  }

  async function keep(signIn: SignIn): Promise<void> {
    // Stored first: what is lost afterwards is found there.
    if (signIn.refreshToken !== null) await storage?.set(signIn.refreshToken);
    adopt(signIn);
    tabs.tell({ type: 'signed-in', signIn });
  }

  const onVisibilityChange = () => {
    if (page?.hidden) clearTimeout(timer);
    else onWake();
  };
  page?.addEventListener('visibilitychange', onVisibilityChange);
  globalThis.addEventListener?.('online', onWake);
  // On a server that renders pages, nobody is signed in, and pages must not say so before the browser knows better.
  if (page !== undefined || storage !== undefined) refreshInBackground();
  else if (!isCookie) end('none');

  return {
    session,
    current: () => current,
    async token(rejected = null) {
      if (current !== null && isFresh(current) && current.accessToken !== rejected) {
        return current.accessToken;
      }
      if (session.current.status === 'signed-out' || (page === undefined && current === null && !storage)) return null;
      await refresh(() => current !== null && isFresh(current) && current.accessToken !== rejected);
      return current === null ? null : (current as SignIn).accessToken;
    },
    // After a refresh that is under way, or its answer, which knows nothing of this sign-in, would end it.
    signIn: (task) => tabs.exclusively(() => task(keep)),
    raise: (prove) =>
      // After a refresh that is under way, or its older tokens would replace these, and it spend the one sent here.
      tabs.exclusively(async (waited) => {
        if (waited) await tabs.ask(() => false);
        const askedAt = Date.now();
        const refreshToken = isCookie ? null : ((await storage?.get()) ?? current?.refreshToken ?? null);
        const answer = await prove(refreshToken);
        const [result] = Object.values(answer as Record<string, Partial<RaisedTokens>>);
        const { accessToken, expiresIn = 0 } = result ?? {};
        if (current === null || accessToken === undefined) return answer;
        const expiresAt = askedAt + expiresIn * 1000;
        await keep({ ...current, accessToken, expiresAt, refreshToken: result?.refreshToken ?? current.refreshToken });
        return answer;
      }),
    signOut: (task) =>
      // After a refresh that is under way, or its answer would sign in again.
      tabs.exclusively(async () => {
        const result = await task(current);
        await storage?.clear();
        tabs.tell({ type: 'signed-out', sessionId: current?.session.id, reason: 'signed-out-in-another-tab' });
        end('signed-out');
        return result;
      }),
    update(user) {
      if (current === null) return;
      adopt({ ...current, user });
      tabs.tell({ type: 'signed-in', signIn: { ...current, user } });
    },
    close() {
      clearTimeout(timer);
      page?.removeEventListener('visibilitychange', onVisibilityChange);
      globalThis.removeEventListener?.('online', onWake);
      tabs.close();
    },
  };
}

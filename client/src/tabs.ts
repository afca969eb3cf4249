/**
 * The tabs of one origin act as one: one of them refreshes, and all get the tokens. A tab holds a Web Lock only while
 * it refreshes, because a page that holds one is never frozen and never kept for the back button. Without
 * BroadcastChannel, every tab refreshes for itself, one after the other.
 */
import { mutex } from './mutex.ts';
import type { SignedOutReason } from './session-state.ts';
import type { SignIn } from './sign-in.ts';

/** How long the other tabs have to answer a question. A frozen one never does. */
const ANSWER_MS = 150;

type Message =
  | { type: 'signed-in'; signIn: SignIn }
  | { type: 'signed-out'; sessionId: string | undefined; reason: SignedOutReason }
  | { type: 'question' };

export type Tabs = {
  /** Runs the task while no other tab runs one of its own; `waited` says whether one did when it was asked for. */
  exclusively: <Result>(task: (waited: boolean) => Promise<Result>) => Promise<Result>;
  /**
   * Asks the other tabs who is signed in. They say so through `onSignedIn`: waits until that is enough, or a moment.
   */
  ask: (isEnough: () => boolean) => Promise<void>;
  tell: (message: Message) => void;
  close: () => void;
};

type Listener = {
  onSignedIn: (signIn: SignIn) => void;
  onSignedOut: (sessionId: string | undefined, reason: SignedOutReason) => void;
  current: () => SignIn | null;
};

/** @param name the same in all tabs that belong together */
export function createTabs(name: string, listener: Listener): Tabs {
  const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(name);
  const locks = globalThis.navigator?.locks;
  let onAnswer = () => {};
  if (channel !== null) {
    channel.onmessage = ({ data }: MessageEvent<Message>) => {
      if (data.type === 'signed-in') {
        listener.onSignedIn(data.signIn);
        onAnswer();
      } else if (data.type === 'signed-out') listener.onSignedOut(data.sessionId, data.reason);
      else {
        const signIn = listener.current();
        if (signIn !== null) channel.postMessage({ type: 'signed-in', signIn } satisfies Message);
      }
    };
    // Node keeps a process alive for an open channel.
    (channel as { unref?: () => void }).unref?.();
  }
  return {
    async exclusively(task) {
      if (locks === undefined) return mutex(name, task);
      const ran = await locks.request(
        name,
        { ifAvailable: true },
        async (lock) => lock && { result: await task(false) },
      );
      return ran ? ran.result : locks.request(name, () => task(true));
    },
    async ask(isEnough) {
      if (channel === null) return;
      await new Promise<void>((resolve) => {
        onAnswer = () => {
          if (isEnough()) resolve();
        };
        setTimeout(resolve, ANSWER_MS);
        channel.postMessage({ type: 'question' } satisfies Message);
      });
    },
    tell: (message) => channel?.postMessage(message),
    close: () => channel?.close(),
  };
}

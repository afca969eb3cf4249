/** Which page is shown: the few lines that this app needs of a router. */
import { type MouseEvent, type ReactNode, useEffect, useSyncExternalStore } from 'react';

/** What one page tells the next. It stays in the history of the tab, so nothing secret belongs here. */
export type Note = {
  email?: string;
  message?: string;
  /** Of the email that was asked for: its code counts in this tab only. It proves nothing without the code. */
  requestToken?: string | null;
};

export type Place = {
  path: string;
  /** Of an emailed link, which ends in `#token=…&lang=…`. Browsers do not send that part to any server. */
  token: string | null;
  note: Note;
};

const read = (): Place => ({
  path: location.pathname,
  token: new URLSearchParams(location.hash.slice(1)).get('token'),
  note: history.state ?? {},
});

let place = read();
const listeners = new Set<() => void>();
const follow = () => {
  place = read();
  for (const listener of listeners) listener();
};
addEventListener('popstate', follow);

/** @param options.replace for a page that should not be come back to, such as one whose link has been used */
export function navigate(to: string, { note = {}, replace = false }: { note?: Note; replace?: boolean } = {}): void {
  history[replace ? 'replaceState' : 'pushState'](note, '', to);
  scrollTo(0, 0);
  follow();
}

/** For a note that has been read by the person it was for. */
export function dropNote(): void {
  history.replaceState({}, '', location.href);
  follow();
}

export function usePlace(): Place {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => place,
  );
}

export function Link({ to, className, children }: { to: string; className?: string; children: ReactNode }) {
  const { path } = usePlace();
  const go = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(to);
  };
  return (
    <a href={to} className={className} onClick={go} aria-current={path === to ? 'page' : undefined}>
      {children}
    </a>
  );
}

export function Redirect({ to }: { to: string }) {
  useEffect(() => navigate(to, { replace: true }), [to]);
  return null;
}

import { type ReactNode, useEffect, useRef } from 'react';

let shown: string | null = null;

type Props = {
  title: string;
  /** Good or neutral news, for example of the page before. */
  notice?: string | undefined;
  children: ReactNode;
};

/** A page with its heading, which gets the focus when the page changes: screen readers then say where they are. */
export function Page({ title, notice, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Teapots`;
    if (shown !== null && shown !== title) heading.current?.focus();
    shown = title;
  }, [title]);
  return (
    <main>
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {notice && <Notice>{notice}</Notice>}
      {children}
    </main>
  );
}

export function Notice({ children }: { children: ReactNode }) {
  return (
    <p className="notice" role="status">
      {children}
    </p>
  );
}

/** What a query shows until it has an answer. */
export function Waiting({ error }: { error?: Error | null | undefined }) {
  if (error) return <p role="alert">{error.message}</p>;
  return <p className="quiet">One moment …</p>;
}

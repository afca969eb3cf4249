import type { FailureOf } from '@latchkey/client';
import { createContext, type FormEvent, type ReactNode, useContext, useEffect, useRef, useState } from 'react';
import { ConfirmItIsYou } from './ConfirmItIsYou.tsx';
import { type Failure, isSuccess, messagesFor, type SuccessOf, thrownFailure, withOtherFields } from './failure.ts';

/** The value of a field; empty if there is no such field, or a checkbox is not checked. */
export type FieldValue = (name: string) => string;

type Props<Result> = {
  /** On the button that submits. */
  button: string;
  /** Sends the form and answers with a union of the API. */
  submit: (field: FieldValue) => Promise<Result | null | undefined>;
  onSuccess?: (success: SuccessOf<Result>) => unknown;
  /** Deals with failures that lead elsewhere, and returns the others: their message is shown. */
  onFailure?: (failure: FailureOf<Result>) => Failure | null;
  /** Whether the fields are emptied then, for a form that stays. */
  isCleared?: boolean;
  /** `quiet` for what is not the purpose of the page. */
  look?: 'quiet';
  children?: ReactNode;
};

const FailureContext = createContext<Failure | null>(null);

/** What is wrong with a field of the form around it; empty if nothing is. */
export const useFieldError = (name: string): string => messagesFor(name, useContext(FailureContext));

/**
 * A form for one operation of the API, or just its button. Shows every failure, even one that a later version of the
 * API adds, and asks people to confirm that it is them if the API requires it first.
 */
export function Form<Result extends { __typename: string }>(props: Props<Result>) {
  const { button, submit, onSuccess, onFailure = (failure) => failure, isCleared, look, children } = props;
  const form = useRef<HTMLFormElement>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [isSending, setIsSending] = useState(false);

  async function send() {
    const values = new FormData(form.current ?? undefined);
    setIsSending(true);
    setFailure(null);
    try {
      const result = await submit((name) => String(values.get(name) ?? ''));
      if (!result) setFailure(thrownFailure(null));
      else if (isSuccess(result)) {
        if (isCleared) form.current?.reset();
        await onSuccess?.(result);
      } else {
        const remaining = onFailure(result as FailureOf<Result>);
        setFailure(remaining && withOtherFields(remaining, form.current));
      }
    } catch (error) {
      setFailure(thrownFailure(error));
    }
    setIsSending(false);
  }

  useEffect(() => {
    if (failure !== null) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [failure]);

  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (!isSending) void send();
  };
  const mustConfirm = failure?.__typename === 'ReauthenticationRequiredError';
  return (
    <FailureContext value={failure}>
      <form ref={form} onSubmit={onSubmit} aria-busy={isSending}>
        {failure && !mustConfirm && <p role="alert">{failure.message}</p>}
        {children}
        <button type="submit" className={look}>
          {button}
        </button>
      </form>
      {mustConfirm && (
        <ConfirmItIsYou methods={failure.methods ?? []} onDone={send} onCancel={() => setFailure(null)} />
      )}
    </FailureContext>
  );
}

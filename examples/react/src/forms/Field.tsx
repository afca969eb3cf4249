import { type ComponentProps, type ReactNode, useId } from 'react';
import { useFieldError } from './Form.tsx';

type Labeled = { label: string; name: string; hint?: string };

/** A labeled input, with what the API finds wrong with it. Required by default. */
export function Field({ label, name, hint, ...input }: Labeled & ComponentProps<'input'>) {
  return (
    <Around label={label} name={name} hint={hint}>
      {(attributes) => <input required name={name} {...input} {...attributes} />}
    </Around>
  );
}

/** A labeled choice between a few. */
export function Choice({ label, name, hint, ...select }: Labeled & ComponentProps<'select'>) {
  return (
    <Around label={label} name={name} hint={hint}>
      {(attributes) => <select name={name} {...select} {...attributes} />}
    </Around>
  );
}

type Attributes = { id: string; 'aria-invalid': boolean; 'aria-describedby': string };
type AroundProps = { label: string; name: string; hint: string | undefined; children: (own: Attributes) => ReactNode };

function Around({ label, name, hint, children }: AroundProps) {
  const id = useId();
  const error = useFieldError(name);
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, 'aria-invalid': error !== '', 'aria-describedby': `${id}-hint ${id}-error` })}
      {hint && (
        <p id={`${id}-hint`} className="hint">
          {hint}
        </p>
      )}
      {error !== '' && (
        <p id={`${id}-error`} className="error">
          {error}
        </p>
      )}
    </div>
  );
}

/** The six digits of an email or an authenticator app. */
export function CodeField({ label }: { label: string }) {
  return <Field label={label} name="code" inputMode="numeric" autoComplete="one-time-code" />;
}

export function NewPasswordField({ label, name }: { label: string; name: string }) {
  const hint = 'At least 8 characters. A few words that do not belong together are easy to remember.';
  return <Field label={label} name={name} type="password" autoComplete="new-password" minLength={8} hint={hint} />;
}

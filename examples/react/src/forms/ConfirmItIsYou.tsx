import { useAuth } from '@latchkey/client/react';
import { useLayoutEffect, useRef } from 'react';
import { Field } from './Field.tsx';
import { Form } from './Form.tsx';

type Props = {
  /** From ReauthenticationRequiredError: what the API accepts. */
  methods: readonly string[];
  onDone: () => unknown;
  onCancel: () => void;
};

/** Asks again for what the person signs in with, before something that a borrowed device should not be able to do. */
export function ConfirmItIsYou({ methods, onDone, onCancel }: Props) {
  const auth = useAuth();
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const { current } = dialog;
    current?.showModal();
    return () => current?.close(); // gives the focus back
  }, []);
  return (
    <dialog ref={dialog} onCancel={onCancel} aria-labelledby="confirm-it-is-you">
      <h2 id="confirm-it-is-you">Confirm that it is you</h2>
      <Proof methods={methods} reauthenticate={auth.reauthenticate} onDone={onDone} />
      <button type="button" className="quiet" onClick={onCancel}>
        Cancel
      </button>
    </dialog>
  );
}

type Reauthenticate = ReturnType<typeof useAuth>['reauthenticate'];

function Proof({ methods, reauthenticate, onDone }: Omit<Props, 'onCancel'> & { reauthenticate: Reauthenticate }) {
  if (methods.includes('TOTP')) {
    return (
      <Form button="Confirm" submit={(field) => reauthenticate({ code: field('code') })} onSuccess={onDone}>
        <Field label="Code of your authenticator app" name="code" inputMode="numeric" autoComplete="one-time-code" />
      </Form>
    );
  }
  if (methods.includes('PASSWORD')) {
    return (
      <Form button="Confirm" submit={(field) => reauthenticate({ password: field('password') })} onSuccess={onDone}>
        <Field label="Password" name="password" type="password" autoComplete="current-password" />
      </Form>
    );
  }
  return <p>You signed in too long ago. Sign out, sign in again, and repeat this.</p>;
}

import { useAuth, useViewer } from '@latchkey/client/react';
import { useState } from 'react';
import { CodeField, Field } from '../forms/Field.tsx';
import { Form } from '../forms/Form.tsx';
import { Page } from '../Page.tsx';
import { navigate, usePlace } from '../router.tsx';
import { SignIn } from '../sign-in/SignIn.tsx';

const showChanged = (path: '/' | '/sign-in', email: string) =>
  navigate(path, { note: { message: `Your email address is now ${email}.` }, replace: true });

/** By the link of the email, on any device; or by its code, for the person who is signed in. */
export function ChangeEmail() {
  const auth = useAuth();
  const viewer = useViewer();
  const { token } = usePlace();
  if (token !== null) {
    // Not before the button is pressed: programs that look for viruses open every link.
    return (
      <Page title="Confirm your new email address">
        <Form
          button="Confirm email address"
          submit={() => auth.confirmEmailChange({ token })}
          onSuccess={({ user }) => showChanged(viewer === null ? '/sign-in' : '/', user.displayEmail)}
        />
      </Page>
    );
  }
  return viewer === null ? <SignIn /> : <ChangeByCode />;
}

function ChangeByCode() {
  const auth = useAuth();
  const [newEmail, setNewEmail] = useState<string | null>(null);
  if (newEmail !== null) {
    return (
      <Page title="Confirm your new email address">
        <p>Open the link in the email to {newEmail}, or enter its code.</p>
        <Form
          button="Confirm email address"
          submit={(field) => auth.confirmEmailChange({ code: field('code') })}
          onSuccess={({ user }) => showChanged('/', user.displayEmail)}
        >
          <CodeField label="Code from the email" />
        </Form>
      </Page>
    );
  }
  return (
    <Page title="Change your email address">
      <p>Nothing changes before you confirm the new address.</p>
      <Form
        button="Send email"
        submit={(field) => auth.requestEmailChange({ newEmail: field('newEmail') })}
        onSuccess={(success) => setNewEmail(success.newEmail)}
      >
        <Field label="New email address" name="newEmail" type="email" autoComplete="email" />
      </Form>
    </Page>
  );
}

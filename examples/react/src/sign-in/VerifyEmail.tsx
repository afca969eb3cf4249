import { useAuth } from '@latchkey/client/react';
import { useState } from 'react';
import { CodeField, Field } from '../forms/Field.tsx';
import { Form } from '../forms/Form.tsx';
import { Notice, Page } from '../Page.tsx';
import { navigate, usePlace } from '../router.tsx';

const showConfirmed = (email: string) =>
  navigate('/sign-in', {
    note: { email, message: 'Your email address is confirmed. You can sign in now.' },
    replace: true,
  });

/** By the link of the email, or by its code. */
export function VerifyEmail() {
  const auth = useAuth();
  const { token } = usePlace();
  if (token === null) return <VerifyByCode />;
  // Not before the button is pressed: programs that look for viruses open every link.
  return (
    <Page title="Confirm your email address">
      <Form
        button="Confirm email address"
        submit={() => auth.verifyEmail({ token })}
        onSuccess={({ user }) => showConfirmed(user.email)}
      />
    </Page>
  );
}

/** The code counts in the tab that asked for it. Someone who comes back another day has another email sent. */
function VerifyByCode() {
  const auth = useAuth();
  const { note } = usePlace();
  const [email, setEmail] = useState(note.email ?? '');
  const [requestToken, setRequestToken] = useState(note.requestToken);
  const [isSent, setIsSent] = useState(false);
  return (
    <Page title="Confirm your email address" notice={note.message}>
      {requestToken ? (
        <>
          <p>Open the link in the email that we sent to {email}, or enter its code.</p>
          <Form
            button="Confirm email address"
            submit={(field) => auth.verifyEmail({ requestToken, code: field('code') })}
            onSuccess={({ user }) => showConfirmed(user.email)}
          >
            <CodeField label="Code from the email" />
          </Form>
        </>
      ) : (
        <p>Open the link in the email that we sent you, or have another one sent.</p>
      )}
      <Form
        button="Send another email"
        look="quiet"
        submit={() => auth.resendVerification({ email, bindCode: true })}
        onSuccess={(sent) => {
          setRequestToken(sent.requestToken);
          setIsSent(true);
        }}
      >
        {!requestToken && (
          <Field
            label="Email address"
            name="email"
            type="email"
            autoComplete="username"
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        )}
      </Form>
      {isSent && <Notice>Another email is on its way. Earlier codes and links no longer work.</Notice>}
    </Page>
  );
}

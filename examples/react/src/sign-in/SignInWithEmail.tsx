import type { FailureOf } from '@latchkey/client';
import { useAuth } from '@latchkey/client/react';
import { useState } from 'react';
import { CodeField, Field } from '../forms/Field.tsx';
import { Form } from '../forms/Form.tsx';
import { Page } from '../Page.tsx';
import { navigate, usePlace } from '../router.tsx';
import { SecondFactor } from './SecondFactor.tsx';

/** With a code or a link from an email, instead of a password. */
export function SignInWithEmail() {
  const auth = useAuth();
  const { token, note } = usePlace();
  const [emailed, setEmailed] = useState<{ email: string; challengeToken: string } | null>(null);
  const [challengeToken, setChallengeToken] = useState<string | null>(null);

  type Failure = FailureOf<Awaited<ReturnType<typeof auth.loginWithEmail>>>;
  const onFailure = (failure: Failure) => {
    if (failure.__typename !== 'SecondFactorRequiredError') return failure;
    setChallengeToken(failure.challengeToken);
    return null;
  };

  if (challengeToken !== null) {
    // The email has done its part and cannot be used again.
    const startAgain = (message: string) => navigate('/sign-in', { note: { message }, replace: true });
    return <SecondFactor challengeToken={challengeToken} onExpired={startAgain} />;
  }
  if (token !== null) {
    // Not before the button is pressed: programs that look for viruses open every link.
    return (
      <Page title="Sign in by email">
        <Form button="Sign in" submit={() => auth.loginWithEmail({ token })} onFailure={onFailure} />
      </Page>
    );
  }
  if (emailed !== null) {
    return (
      <Page title="Look into your inbox">
        <p>If there is an account for {emailed.email}, a code and a link are on their way.</p>
        <Form
          button="Sign in"
          submit={(field) => auth.loginWithEmail({ challengeToken: emailed.challengeToken, code: field('code') })}
          onFailure={onFailure}
        >
          <CodeField label="Code from the email" />
        </Form>
      </Page>
    );
  }
  return (
    <Page title="Sign in by email">
      <Form
        button="Send email"
        submit={(field) => auth.requestLogin({ email: field('email') })}
        onSuccess={({ email, challengeToken }) => setEmailed({ email, challengeToken })}
      >
        <Field label="Email address" name="email" type="email" autoComplete="username" defaultValue={note.email} />
      </Form>
    </Page>
  );
}

import type { SessionState } from '@latchkey/client';
import { useAuth, useSession } from '@latchkey/client/react';
import { useEffect, useState } from 'react';
import { Field } from '../forms/Field.tsx';
import { Form } from '../forms/Form.tsx';
import { Page } from '../Page.tsx';
import { dropNote, Link, navigate, usePlace } from '../router.tsx';
import { SecondFactor } from './SecondFactor.tsx';

/** With a password. Also in place of a page for people who are signed in, which appears when it is done. */
export function SignIn() {
  const auth = useAuth();
  const session = useSession();
  const place = usePlace();
  const isInPlace = place.path !== '/sign-in';
  const note = isInPlace ? {} : place.note;
  // It was for the person who was signed in, and the next may be another.
  useEffect(() => {
    if (isInPlace) dropNote();
  }, [isInPlace]);
  const [challengeToken, setChallengeToken] = useState<string | null>(null);
  const [expired, setExpired] = useState<string>();
  if (challengeToken !== null) {
    const startAgain = (message: string) => {
      setExpired(message);
      setChallengeToken(null);
    };
    return <SecondFactor challengeToken={challengeToken} onExpired={startAgain} />;
  }
  return (
    <Page title="Sign in" notice={expired ?? note.message ?? whySignedOut(session)}>
      <Form
        button="Sign in"
        submit={(field) => auth.login({ identifier: field('identifier'), password: field('password') })}
        onFailure={(failure) => {
          switch (failure.__typename) {
            case 'SecondFactorRequiredError':
              setChallengeToken(failure.challengeToken);
              return null;
            case 'EmailNotVerifiedError':
              navigate('/verify-email', { note: { email: failure.email, message: failure.message } });
              return null;
            default:
              return failure;
          }
        }}
      >
        <Field label="Email address" name="identifier" autoComplete="username" defaultValue={note.email} />
        <Field label="Password" name="password" type="password" autoComplete="current-password" />
      </Form>
      <ul className="links">
        <li>
          <Link to="/forgotten-password">Forgotten password?</Link>
        </li>
        <li>
          <Link to="/sign-in-with-email">Sign in by email</Link>
        </li>
        <li>
          <Link to="/sign-up">Create an account</Link>
        </li>
      </ul>
    </Page>
  );
}

function whySignedOut(session: SessionState): string | undefined {
  switch (session.status === 'signed-out' && session.reason) {
    case 'ended':
      return 'Your session has ended. Please sign in again.';
    case 'signed-out':
      return 'You are signed out.';
    case 'signed-out-in-another-tab':
      return 'You signed out in another tab.';
    default:
      return undefined;
  }
}

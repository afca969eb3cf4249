import { useAuth, useSession } from '@latchkey/client/react';
import { useState } from 'react';
import { Field } from '../forms/Field.tsx';
import { Form } from '../forms/Form.tsx';
import { Notice, Page } from '../Page.tsx';
import { Link, navigate, usePlace } from '../router.tsx';
import { SecondFactor } from './SecondFactor.tsx';

/** With a password. When it is done, the app shows what only people who are signed in can see. */
export function SignIn() {
  const auth = useAuth();
  const { note } = usePlace();
  const [challengeToken, setChallengeToken] = useState<string | null>(null);
  if (challengeToken !== null) {
    return <SecondFactor challengeToken={challengeToken} onExpired={() => setChallengeToken(null)} />;
  }
  return (
    <Page title="Sign in">
      <WhySignedOut />
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

function WhySignedOut() {
  const session = useSession();
  switch (session.status === 'signed-out' && session.reason) {
    case 'ended':
      return <Notice>Your session has ended. Please sign in again.</Notice>;
    case 'signed-out':
      return <Notice>You are signed out.</Notice>;
    case 'signed-out-in-another-tab':
      return <Notice>You signed out in another tab.</Notice>;
    default:
      return null;
  }
}

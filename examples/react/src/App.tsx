import { useSession } from '@latchkey/client/react';
import type { ComponentType } from 'react';
import { ChangeEmail } from './account/ChangeEmail.tsx';
import { Profile } from './account/Profile.tsx';
import { Sessions } from './account/Sessions.tsx';
import { Header } from './Header.tsx';
import { Invitation } from './organizations/Invitation.tsx';
import { Organization } from './organizations/Organization.tsx';
import { Page, Waiting } from './Page.tsx';
import { Link, Redirect, usePlace } from './router.tsx';
import { ForgottenPassword } from './sign-in/ForgottenPassword.tsx';
import { ResetPassword } from './sign-in/ResetPassword.tsx';
import { SignIn } from './sign-in/SignIn.tsx';
import { SignInWithEmail } from './sign-in/SignInWithEmail.tsx';
import { SignUp } from './sign-in/SignUp.tsx';
import { VerifyEmail } from './sign-in/VerifyEmail.tsx';

type Pages = Record<string, ComponentType>;

/** For people who are signed in. Others get the sign-in in its place, and the page after it. */
const VIEWER_PAGES: Pages = { '/': Profile, '/sessions': Sessions, '/organization': Organization };

/** Of no use to someone who is signed in. */
const GUEST_PAGES: Pages = { '/sign-in': SignIn, '/sign-up': SignUp, '/sign-in-with-email': SignInWithEmail };

/** For both: most are where links in emails lead, on any device. */
const OPEN_PAGES: Pages = {
  '/verify-email': VerifyEmail,
  '/forgotten-password': ForgottenPassword,
  '/reset-password': ResetPassword,
  '/change-email': ChangeEmail,
  '/invitation': Invitation,
};

export function App() {
  return (
    <>
      <Header />
      <CurrentPage />
    </>
  );
}

function CurrentPage() {
  const { path, token } = usePlace();
  const session = useSession();
  if (session.status === 'starting') {
    return (
      <main>
        <Waiting error={session.error} />
      </main>
    );
  }
  const isSignedIn = session.status === 'signed-in';
  if (isSignedIn && path in GUEST_PAGES) return <Redirect to="/" />;
  const Found =
    isSignedIn || !(path in VIEWER_PAGES) ? { ...VIEWER_PAGES, ...GUEST_PAGES, ...OPEN_PAGES }[path] : SignIn;
  // Another link is another page, also at the same address.
  return Found === undefined ? <NotFound /> : <Found key={`${path} ${token}`} />;
}

function NotFound() {
  return (
    <Page title="Not found">
      <p>
        There is no page at this address. <Link to="/">Go to the start page</Link>
      </p>
    </Page>
  );
}

import { useAuth, useSession } from '@latchkey/client/react';
import { Form } from './forms/Form.tsx';
import { OrganizationSwitcher } from './organizations/OrganizationSwitcher.tsx';
import { Link } from './router.tsx';

export function Header() {
  const { status, user } = useSession();
  return (
    <header>
      <Link to="/" className="brand">
        Teapots
      </Link>
      {status === 'signed-out' && <GuestNavigation />}
      {status === 'signed-in' && <ViewerNavigation name={user.name} />}
    </header>
  );
}

function GuestNavigation() {
  return (
    <nav aria-label="Main">
      <Link to="/sign-in">Sign in</Link>
      <Link to="/sign-up">Sign up</Link>
    </nav>
  );
}

function ViewerNavigation({ name }: { name: string }) {
  const auth = useAuth();
  return (
    <>
      <nav aria-label="Main">
        <Link to="/">Profile</Link>
        <Link to="/sessions">Sessions</Link>
        <Link to="/organization">Organization</Link>
      </nav>
      <OrganizationSwitcher />
      <span className="viewer">{name}</span>
      <Form button="Sign out" look="quiet" submit={auth.logout} />
    </>
  );
}

import { useAuth, useViewer } from '@latchkey/client/react';
import { Form } from './forms/Form.tsx';
import { OrganizationSwitcher } from './organizations/OrganizationSwitcher.tsx';
import { Link } from './router.tsx';

export function Header() {
  const viewer = useViewer();
  return (
    <header>
      <Link to="/" className="brand">
        Teapots
      </Link>
      {viewer === null ? <GuestNavigation /> : <ViewerNavigation name={viewer.name} />}
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

import { useApolloClient, useQuery } from '@apollo/client/react';
import { useAuth, useViewer } from '@latchkey/client/react';
import { useState } from 'react';
import { Form } from '../forms/Form.tsx';
import { graphql } from '../generated/index.ts';
import { Page, Waiting } from '../Page.tsx';
import { Link, navigate, usePlace } from '../router.tsx';
import { SignIn } from '../sign-in/SignIn.tsx';
import { chooseOrganization, ORGANIZATIONS } from './use-organization.ts';

const INVITATION = graphql(`
  query Invitation($token: String!) {
    invitationPreview(token: $token) {
      organizationName
      inviterName
      role
    }
  }
`);

/** Where the link in an invitation leads: accept or decline it, after signing in or signing up if need be. */
export function Invitation() {
  const { token } = usePlace();
  return token === null ? <Unusable /> : <Preview token={token} />;
}

function Preview({ token }: { token: string }) {
  const viewer = useViewer();
  const [isSigningIn, setIsSigningIn] = useState(false);
  // The token is a secret, so it has no business in the cache.
  const { data, error } = useQuery(INVITATION, { variables: { token }, fetchPolicy: 'no-cache' });
  if (viewer === null && isSigningIn) return <SignIn />;
  if (data === undefined) {
    return (
      <Page title="Invitation">
        <Waiting error={error} />
      </Page>
    );
  }
  if (data.invitationPreview === null) return <Unusable />;
  const { organizationName, inviterName, role } = data.invitationPreview;
  return (
    <Page title={`Join ${organizationName}`}>
      <p>
        {inviterName ?? 'Someone'} invites you to join {organizationName} as {role === 'MEMBER' ? 'a' : 'an'}{' '}
        {role.toLowerCase()}.
      </p>
      <div className="actions">
        {viewer === null ? (
          <>
            <button type="button" onClick={() => setIsSigningIn(true)}>
              Sign in to accept
            </button>
            <Link to={`/sign-up#token=${token}`}>Create an account</Link>
          </>
        ) : (
          <Accept token={token} />
        )}
        <Decline token={token} />
      </div>
    </Page>
  );
}

function Accept({ token }: { token: string }) {
  const auth = useAuth();
  const apollo = useApolloClient();
  return (
    <Form
      button="Accept"
      submit={() => auth.acceptInvitation({ token })}
      onSuccess={async ({ membership: { organization } }) => {
        await apollo.refetchQueries({ include: [ORGANIZATIONS] });
        chooseOrganization(organization.id);
        const message = `You are now a member of ${organization.name}.`;
        navigate('/organization', { note: { message }, replace: true });
      }}
    />
  );
}

function Decline({ token }: { token: string }) {
  const auth = useAuth();
  return (
    <Form
      button="Decline"
      look="quiet"
      submit={() => auth.declineInvitation({ token })}
      onSuccess={({ organizationName }) =>
        navigate('/invitation', {
          note: { message: `You declined the invitation to ${organizationName}.` },
          replace: true,
        })
      }
    />
  );
}

function Unusable() {
  const { note } = usePlace();
  return (
    <Page title="Invitation" notice={note.message}>
      {!note.message && <p>This invitation cannot be used any more. Ask the person who sent it for another one.</p>}
    </Page>
  );
}

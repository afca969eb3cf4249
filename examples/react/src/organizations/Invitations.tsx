import { useMutation, useQuery } from '@apollo/client/react';
import { Choice, Field } from '../forms/Field.tsx';
import { Form } from '../forms/Form.tsx';
import { graphql } from '../generated/index.ts';
import { Waiting } from '../Page.tsx';

const INVITATIONS = graphql(`
  query Invitations($id: ID!) {
    organization(id: $id) {
      id
      invitations(first: 50) {
        nodes {
          id
          email
          role
          status
        }
      }
    }
  }
`);

const INVITE_MEMBER = graphql(`
  mutation InviteMember($input: InviteMemberInput!) {
    inviteMember(input: $input) {
      __typename
      ... on InviteMemberSuccess {
        invitation {
          id
        }
      }
      ...Failure
    }
  }
`);

const REVOKE_INVITATION = graphql(`
  mutation RevokeInvitation($input: RevokeInvitationInput!) {
    revokeInvitation(input: $input) {
      __typename
      ... on RevokeInvitationSuccess {
        invitation {
          id
        }
      }
      ...Failure
    }
  }
`);

/** For owners and admins: who has been invited, and inviting someone. */
export function Invitations({ organizationId }: { organizationId: string }) {
  const { data, error } = useQuery(INVITATIONS, {
    variables: { id: organizationId },
    fetchPolicy: 'cache-and-network',
  });
  const [invite] = useMutation(INVITE_MEMBER, { refetchQueries: [INVITATIONS] });
  const [revoke] = useMutation(REVOKE_INVITATION, { refetchQueries: [INVITATIONS] });
  const invitations = data?.organization?.invitations?.nodes;
  return (
    <section>
      <h2>Invitations</h2>
      {invitations === undefined && <Waiting error={error} />}
      <ul className="rows">
        {invitations?.map(({ id, email, role, status }) => (
          <li key={id}>
            <div>
              <strong>{email}</strong>
              <p className="hint">
                {role.toLowerCase()}, {status.toLowerCase()}
              </p>
            </div>
            {status === 'PENDING' && (
              <Form
                button="Revoke"
                look="quiet"
                submit={async () =>
                  (await revoke({ variables: { input: { invitationId: id } } })).data?.revokeInvitation
                }
              />
            )}
          </li>
        ))}
      </ul>
      <Form
        button="Invite"
        isCleared
        submit={async (field) => {
          const role = ROLES.find((each) => each === field('role')) ?? 'MEMBER';
          const input = { organizationId, email: field('email'), role };
          return (await invite({ variables: { input } })).data?.inviteMember;
        }}
      >
        <Field label="Email address" name="email" type="email" autoComplete="off" />
        <Choice label="Role" name="role">
          {ROLES.map((role) => (
            <option key={role} value={role}>
              {role.toLowerCase()}
            </option>
          ))}
        </Choice>
      </Form>
    </section>
  );
}

const ROLES = ['MEMBER', 'ADMIN'] as const;

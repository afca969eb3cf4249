import { useQuery } from '@apollo/client/react';
import { graphql } from '../generated/index.ts';
import { Waiting } from '../Page.tsx';
import type { Membership } from './use-organization.ts';

const MEMBERS = graphql(`
  query Members($id: ID!) {
    organization(id: $id) {
      id
      members(first: 100) {
        nodes {
          id
          role
          user {
            id
            name
            email
          }
        }
      }
    }
  }
`);

export function Members({ membership: { role, organization } }: { membership: Membership }) {
  // Where anyone can register, members do not see each other. Asking would be refused.
  const isHidden = role === 'MEMBER' && organization.openRegistration;
  const { data, error } = useQuery(MEMBERS, {
    variables: { id: organization.id },
    skip: isHidden,
    fetchPolicy: 'cache-and-network',
  });
  if (isHidden) return null;
  const members = data?.organization?.members?.nodes;
  return (
    <section>
      <h2>Members</h2>
      {members === undefined ? (
        <Waiting error={error} />
      ) : (
        <ul className="rows">
          {members.map(({ id, role, user }) => (
            <li key={id}>
              <div>
                <strong>{user.name}</strong>
                <p className="hint">{user.email}</p>
              </div>
              <span>{role.toLowerCase()}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

import { useMutation } from '@apollo/client/react';
import { Field } from '../forms/Field.tsx';
import { Form } from '../forms/Form.tsx';
import { graphql } from '../generated/index.ts';
import { Page, Waiting } from '../Page.tsx';
import { usePlace } from '../router.tsx';
import { Invitations } from './Invitations.tsx';
import { Members } from './Members.tsx';
import { chooseOrganization, ORGANIZATIONS, useOrganization } from './use-organization.ts';

/** The organization that this tab acts in. */
export function Organization() {
  const { current, all, error } = useOrganization();
  const { note } = usePlace();
  return (
    <Page title={current?.organization.name ?? 'Organization'} notice={note.message}>
      {current === null ? (
        <Waiting error={error} />
      ) : (
        <>
          <p>
            Your role is {current.role.toLowerCase()}.
            {all.length > 1 && ' Choose another organization at the top of the page.'}
          </p>
          <Members membership={current} />
          {current.role !== 'MEMBER' && (
            <Invitations key={current.organization.id} organizationId={current.organization.id} />
          )}
        </>
      )}
      <NewOrganization />
    </Page>
  );
}

const CREATE_ORGANIZATION = graphql(`
  mutation CreateOrganization($input: CreateOrganizationInput!) {
    createOrganization(input: $input) {
      __typename
      ... on CreateOrganizationSuccess {
        organization {
          id
        }
      }
      ...Failure
    }
  }
`);

function NewOrganization() {
  const [create] = useMutation(CREATE_ORGANIZATION, { refetchQueries: [ORGANIZATIONS], awaitRefetchQueries: true });
  return (
    <section>
      <h2>Another organization</h2>
      <Form
        button="Create organization"
        isCleared
        look="quiet"
        submit={async (field) =>
          (await create({ variables: { input: { name: field('name') } } })).data?.createOrganization
        }
        onSuccess={({ organization }) => chooseOrganization(organization.id)}
      >
        <Field label="Name of the organization" name="name" autoComplete="organization" />
      </Form>
    </section>
  );
}

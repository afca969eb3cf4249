import { useQuery } from '@apollo/client/react';
import { useAuth } from '@latchkey/client/react';
import { Form } from '../forms/Form.tsx';
import type { SessionsQuery } from '../generated/graphql.ts';
import { graphql } from '../generated/index.ts';
import { Page, Waiting } from '../Page.tsx';

const SESSIONS = graphql(`
  query Sessions {
    me {
      id
      sessions(first: 50) {
        nodes {
          id
          lastUsedAt
          ipAddress
          device {
            browser
            operatingSystem
          }
          isCurrent
        }
      }
    }
  }
`);

/** Where the person is signed in, and how to end any of it. */
export function Sessions() {
  const auth = useAuth();
  const { data, error, refetch } = useQuery(SESSIONS, { fetchPolicy: 'cache-and-network' });
  const sessions = data?.me?.sessions?.nodes;
  return (
    <Page title="Sessions">
      <p>You are signed in on these devices.</p>
      {sessions === undefined ? (
        <Waiting error={error} />
      ) : (
        <ul className="rows">
          {sessions.map((session) => (
            <li key={session.id}>
              <Device session={session} />
              {!session.isCurrent && (
                <Form
                  button="End"
                  look="quiet"
                  submit={() => auth.endSession({ sessionId: session.id })}
                  onSuccess={() => refetch()}
                />
              )}
            </li>
          ))}
        </ul>
      )}
      <div className="actions">
        <Form
          button="Sign out all other devices"
          look="quiet"
          submit={auth.endOtherSessions}
          onSuccess={() => refetch()}
        />
        <Form button="Sign out everywhere" look="quiet" submit={auth.logoutEverywhere} />
      </div>
    </Page>
  );
}

type Session = NonNullable<NonNullable<SessionsQuery['me']>['sessions']>['nodes'][number];

function Device({ session: { device, ipAddress, lastUsedAt, isCurrent } }: { session: Session }) {
  const name = [device.browser ?? 'Unknown browser', device.operatingSystem].filter(Boolean).join(' on ');
  return (
    <div>
      <strong>{name}</strong> {isCurrent && <em>this device</em>}
      <p className="hint">
        {ipAddress && `${ipAddress}, `}
        last used <time dateTime={lastUsedAt}>{new Date(lastUsedAt).toLocaleString()}</time>
      </p>
    </div>
  );
}

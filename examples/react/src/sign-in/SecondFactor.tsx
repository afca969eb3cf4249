import { useAuth } from '@latchkey/client/react';
import { useState } from 'react';
import { CodeField, Field } from '../forms/Field.tsx';
import { Form } from '../forms/Form.tsx';
import { Page } from '../Page.tsx';

type Props = {
  /** What the first step answered. It is good for ten minutes and stays in memory. */
  challengeToken: string;
  onExpired: (message: string) => void;
};

/** The second step of a sign-in: a code of the authenticator app, or a recovery code. */
export function SecondFactor({ challengeToken, onExpired }: Props) {
  const auth = useAuth();
  const [isLost, setIsLost] = useState(false);
  return (
    <Page title={isLost ? 'Enter a recovery code' : 'Enter your code'}>
      <Form
        key={String(isLost)}
        button="Sign in"
        submit={(field) =>
          auth.confirmLogin({
            challengeToken,
            ...(isLost ? { recoveryCode: field('recoveryCode') } : { code: field('code') }),
            trustDevice: field('trustDevice') === 'on',
          })
        }
        onFailure={(failure) => {
          if (failure.__typename !== 'LoginExpiredError') return failure;
          onExpired(failure.message);
          return null;
        }}
      >
        {isLost ? (
          <Field label="Recovery code" name="recoveryCode" autoComplete="off" />
        ) : (
          <CodeField label="Code of your authenticator app" />
        )}
        <label className="check">
          <input type="checkbox" name="trustDevice" /> Do not ask again on this device for 30 days
        </label>
      </Form>
      <button type="button" className="link" onClick={() => setIsLost(!isLost)}>
        {isLost ? 'Use the authenticator app' : 'Use a recovery code'}
      </button>
    </Page>
  );
}

import { useAuth } from '@latchkey/client/react';
import { CodeField, NewPasswordField } from '../forms/Field.tsx';
import { Form } from '../forms/Form.tsx';
import { Page } from '../Page.tsx';
import { navigate, Redirect, usePlace } from '../router.tsx';

/** By the link of the email, or by its code, which counts in the tab that asked for it. */
export function ResetPassword() {
  const auth = useAuth();
  const { token, note } = usePlace();
  const { requestToken } = note;
  if (token === null && !requestToken) return <Redirect to="/forgotten-password" />;
  return (
    <Page title="Choose a new password" notice={note.message}>
      <Form
        button="Set password"
        submit={(field) =>
          auth.resetPassword({
            newPassword: field('newPassword'),
            ...(token === null ? { requestToken, code: field('code') } : { token }),
          })
        }
        onSuccess={({ user }) =>
          navigate('/sign-in', {
            note: { email: user.email, message: 'Your password has been changed. Sign in with the new one.' },
            replace: true,
          })
        }
      >
        {token === null && <CodeField label="Code from the email" />}
        <NewPasswordField label="New password" name="newPassword" />
      </Form>
    </Page>
  );
}

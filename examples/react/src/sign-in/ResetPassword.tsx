import { useAuth } from '@latchkey/client/react';
import { CodeField, Field, NewPasswordField } from '../forms/Field.tsx';
import { Form } from '../forms/Form.tsx';
import { Page } from '../Page.tsx';
import { navigate, usePlace } from '../router.tsx';

/** By the link of the email, or by its code. */
export function ResetPassword() {
  const auth = useAuth();
  const { token, note } = usePlace();
  return (
    <Page title="Choose a new password" notice={note.message}>
      <Form
        button="Set password"
        submit={(field) =>
          auth.resetPassword({
            newPassword: field('newPassword'),
            ...(token === null ? { email: field('email'), code: field('code') } : { token }),
          })
        }
        onSuccess={({ user }) =>
          navigate('/sign-in', {
            note: { email: user.email, message: 'Your password has been changed. Sign in with the new one.' },
            replace: true,
          })
        }
      >
        {token === null && (
          <>
            <Field label="Email address" name="email" type="email" autoComplete="username" defaultValue={note.email} />
            <CodeField label="Code from the email" />
          </>
        )}
        <NewPasswordField label="New password" name="newPassword" />
      </Form>
    </Page>
  );
}

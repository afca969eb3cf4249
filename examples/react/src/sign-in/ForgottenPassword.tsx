import { useAuth } from '@latchkey/client/react';
import { Field } from '../forms/Field.tsx';
import { Form } from '../forms/Form.tsx';
import { Page } from '../Page.tsx';
import { navigate } from '../router.tsx';

export function ForgottenPassword() {
  const auth = useAuth();
  return (
    <Page title="Forgotten password">
      <p>We send you a code and a link to set a new one.</p>
      <Form
        button="Send email"
        submit={(field) => auth.requestPasswordReset({ email: field('email'), bindCode: true })}
        onSuccess={({ email, requestToken }) =>
          navigate('/reset-password', {
            note: { requestToken, message: `If there is an account for ${email}, an email is on its way.` },
          })
        }
      >
        <Field label="Email address" name="email" type="email" autoComplete="username" />
      </Form>
    </Page>
  );
}

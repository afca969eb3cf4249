import { useAuth } from '@latchkey/client/react';
import { Field, NewPasswordField } from '../forms/Field.tsx';
import { Form } from '../forms/Form.tsx';
import { Page } from '../Page.tsx';
import { Link, navigate, usePlace } from '../router.tsx';

/** A token in the address is that of an invitation: the new account joins the organization when it is verified. */
export function SignUp() {
  const auth = useAuth();
  const { token } = usePlace();
  return (
    <Page title="Create an account">
      {token && <p>Use the email address that was invited.</p>}
      <Form
        button="Create account"
        submit={(field) =>
          auth.register({
            name: field('name'),
            email: field('email'),
            password: field('password'),
            invitationToken: token,
            bindCode: true,
          })
        }
        onSuccess={({ email, requestToken }) => navigate('/verify-email', { note: { email, requestToken } })}
      >
        <Field label="Name" name="name" autoComplete="name" />
        <Field label="Email address" name="email" type="email" autoComplete="username" />
        <NewPasswordField label="Password" name="password" />
      </Form>
      <p>
        You have an account? <Link to="/sign-in">Sign in</Link>
      </p>
    </Page>
  );
}

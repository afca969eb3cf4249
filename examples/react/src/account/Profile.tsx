import { useAuth, useViewer } from '@latchkey/client/react';
import { useState } from 'react';
import { Choice, Field } from '../forms/Field.tsx';
import { Form } from '../forms/Form.tsx';
import { Notice, Page } from '../Page.tsx';
import { Link, usePlace } from '../router.tsx';

export function Profile() {
  const auth = useAuth();
  const viewer = useViewer();
  const { note } = usePlace();
  const [isSaved, setIsSaved] = useState(false);
  if (viewer === null) return null;
  return (
    <Page title="Profile" notice={note.message}>
      <p>
        You sign in as <strong>{viewer.displayEmail}</strong>. <Link to="/change-email">Change email address</Link>
      </p>
      <Form
        button="Save"
        submit={(field) => {
          setIsSaved(false);
          return auth.updateProfile({
            name: field('name'),
            // Null removes it; the empty text would not be a username.
            username: field('username') || null,
            phone: field('phone') || null,
            locale: field('locale'),
          });
        }}
        onSuccess={() => setIsSaved(true)}
      >
        <Field label="Name" name="name" autoComplete="name" defaultValue={viewer.name} />
        <Field
          label="Username"
          name="username"
          autoComplete="off"
          hint="Optional. You can sign in with it, too."
          required={false}
          defaultValue={viewer.username ?? ''}
        />
        <Field
          label="Phone number"
          name="phone"
          type="tel"
          autoComplete="tel"
          hint="Optional, with the country code: +49 30 123456."
          required={false}
          defaultValue={viewer.phone ?? ''}
        />
        <Choice label="Language of emails" name="locale" defaultValue={viewer.locale}>
          <option value="en">English</option>
          <option value="de">Deutsch</option>
          <option value="es">Español</option>
          <option value="fr">Français</option>
        </Choice>
      </Form>
      {isSaved && <Notice>Saved.</Notice>}
    </Page>
  );
}

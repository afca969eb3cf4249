/** The settings of pages and emails: the brand, and the operator's own pages. Part of the list in settings.ts. */

/** Name, default as shown in the docs, meaning. */
export const PAGE_SETTINGS = [
  ['APP_NAME', 'Latchkey', 'name of your service in pages, emails and, once it is set, subjects'],
  ['APP_URL', 'none', 'your app, to which pages and emails lead back; https:// in production'],
  ['SUPPORT_EMAIL', 'none', 'where people can ask for help, at the foot of pages and emails'],
  ['BRAND_COLOR', 'none', 'color of buttons and links, such as `#3730a3`; text stays readable on it and in it'],
  [
    'BRAND_LOGO',
    'none',
    'logo on top of pages and emails: a file of at most 200 kB (PNG, JPEG, GIF, WebP, SVG) or an https:// address',
  ],
  ['TEMPLATES_DIR', 'none', 'folder with your own texts of emails, in any language; see [Branding](branding.md)'],
  [
    'VERIFY_EMAIL_URL',
    'none: the built-in page at /verify-email',
    'page of your front end that verifies an email address; every link adds `#token=…&lang=…`',
  ],
  [
    'REJECT_REGISTRATION_URL',
    'none: the built-in page at /reject-registration',
    'page of your front end for "This wasn’t me"',
  ],
  [
    'RESET_PASSWORD_URL',
    'none: the built-in page at /reset-password',
    'page of your front end where people choose a new password',
  ],
  [
    'CHANGE_EMAIL_URL',
    'none: the built-in page at /change-email',
    'page of your front end that confirms a new email address',
  ],
  [
    'UNDO_EMAIL_CHANGE_URL',
    'none: the built-in page at /undo-email-change',
    'page of your front end that undoes a change of the email address',
  ],
  [
    'UNDO_ACCOUNT_DELETION_URL',
    'none: the built-in page at /undo-account-deletion',
    'page of your front end that cancels the deletion of an account',
  ],
  [
    'UNDO_SECURITY_CHANGE_URL',
    'none: the built-in page at /undo-security-change',
    'page of your front end that undoes a change of the second factors',
  ],
  [
    'RESET_SECOND_FACTORS_URL',
    'none: the built-in page at /reset-second-factors',
    'page of your front end that resets the second factors',
  ],
  [
    'SIGN_IN_WITH_EMAIL_URL',
    'none: the built-in page at /sign-in-with-email',
    'page of your front end that signs in with an emailed link',
  ],
  [
    'INVITATION_URL',
    'none: the built-in page at /accept-invitation',
    'page of your front end where people accept an invitation',
  ],
  [
    'CHANGE_PASSWORD_URL',
    'none',
    'page of your front end where people change their password; /.well-known/change-password, which password managers open, redirects there where passwords sign in',
  ],
] as const satisfies readonly (readonly [string, string, string])[];

/** The email that verifies the address of a new account. Contains a code and a link; either is enough. */
import type { ClaimedAccount } from '#core/accounts/claimed-account.ts';
import { formatCount, type Locale } from '#core/locale.ts';
import { type Addressee, codeSubject, composeMail, type Mail } from '#core/mail/mail.ts';
import type { Span } from '#core/mail/mail-values.ts';

type Proof = {
  code: string;
  link: string;
  /** The link of "This wasn't me". */
  rejectLink: string;
  codeMinutes: number;
  linkHours: number;
  account: ClaimedAccount;
};

type Texts = {
  subject: string;
  why: (service: string) => string;
  code: (minutes: string) => string;
  link: (hours: string) => string;
  button: string;
  notYou: string;
  notYouRegistered: string;
  reject: string;
};

const TEXTS: Record<Locale, Texts> = {
  en: {
    subject: 'Confirm your email address',
    why: (service) =>
      `This email address was used to create an account at ${service}. Please confirm that it is yours.`,
    code: (minutes) => `Enter this code to confirm the address. It is valid for ${minutes}.`,
    link: (hours) => `Or use the link below. It is valid for ${hours}.`,
    button: 'Confirm email address',
    notYou: 'If you did not create an account, ignore this message. The address will not be confirmed.',
    notYouRegistered:
      'If you did not register this account, do not confirm the address: the person who registered it could then sign in. Remove the account instead.',
    reject: 'This wasn’t me',
  },
  de: {
    subject: 'Bestätigen Sie Ihre E-Mail-Adresse',
    why: (service) =>
      `diese E-Mail-Adresse wurde für ein neues Konto bei ${service} angegeben. Bitte bestätigen Sie, dass sie Ihnen gehört.`,
    code: (minutes) => `Geben Sie diesen Code ein, um die Adresse zu bestätigen. Er ist ${minutes} gültig.`,
    link: (hours) => `Oder verwenden Sie den folgenden Link. Er ist ${hours} gültig.`,
    button: 'E-Mail-Adresse bestätigen',
    notYou:
      'Falls Sie kein Konto angelegt haben, ignorieren Sie diese Nachricht. Die Adresse wird dann nicht bestätigt.',
    notYouRegistered:
      'Falls Sie dieses Konto nicht registriert haben, bestätigen Sie die Adresse nicht: Wer es registriert hat, könnte sich sonst anmelden. Entfernen Sie das Konto stattdessen.',
    reject: 'Das war ich nicht',
  },
  es: {
    subject: 'Confirme su dirección de correo electrónico',
    why: (service) => `Esta dirección de correo se ha usado para crear una cuenta en ${service}. Confirme que es suya.`,
    code: (minutes) => `Introduzca este código para confirmar la dirección. Es válido durante ${minutes}.`,
    link: (hours) => `También puede usar el siguiente enlace. Es válido durante ${hours}.`,
    button: 'Confirmar la dirección de correo',
    notYou: 'Si usted no ha creado ninguna cuenta, ignore este mensaje. La dirección no se confirmará.',
    notYouRegistered:
      'Si usted no ha registrado esta cuenta, no confirme la dirección: quien la registró podría iniciar sesión. Elimine la cuenta.',
    reject: 'No he sido yo',
  },
  fr: {
    subject: 'Confirmez votre adresse e-mail',
    why: (service) =>
      `Cette adresse e-mail a été utilisée pour créer un compte sur ${service}. Veuillez confirmer qu’elle vous appartient.`,
    code: (minutes) => `Saisissez ce code pour confirmer l’adresse. Il est valable ${minutes}.`,
    link: (hours) => `Vous pouvez aussi utiliser le lien ci-dessous. Il est valable ${hours}.`,
    button: 'Confirmer l’adresse e-mail',
    notYou: 'Si vous n’avez pas créé de compte, ignorez ce message. L’adresse ne sera pas confirmée.',
    notYouRegistered:
      'Si vous n’avez pas créé ce compte, ne confirmez pas l’adresse\u00a0: la personne qui l’a créé pourrait alors se connecter. Supprimez plutôt le compte.',
    reject: 'Ce n’était pas moi',
  },
};

export function verifyEmailEmail(input: Addressee & Proof): Mail {
  const { code, link, rejectLink, codeMinutes, linkHours, account, ...to } = input;
  const texts = TEXTS[to.locale];
  const isRegistered = account.origin !== 'created';
  // If the email was delayed, the code may have expired already; the link is valid for longer.
  const isCodeValid = codeMinutes > 0;
  const proof = {
    code: isCodeValid ? code : null,
    codeTime: isCodeValid ? { count: codeMinutes, unit: 'minute' as const } : null,
    link,
    linkTime: { count: linkHours, unit: 'hour' as const },
  };
  const subject = isCodeValid ? codeSubject(code, to.locale) : texts.subject;
  return composeMail(to, {
    ...nameAndValues(account, proof, rejectLink),
    subject,
    blocks: [
      texts.why(to.service),
      ...(account.note === null ? [] : [account.note]),
      ...(account.rows.length === 0 ? [] : [{ rows: account.rows }]),
      ...(isCodeValid ? [texts.code(formatCount(codeMinutes, 'minute', to.locale)), { code }] : []),
      texts.link(formatCount(linkHours, 'hour', to.locale)),
      { label: texts.button, url: link },
      ...(isRegistered
        ? [texts.notYouRegistered, { label: texts.reject, url: rejectLink, isSecondary: true }]
        : [texts.notYou]),
    ],
  });
}

type Values = { code: string | null; codeTime: Span | null; link: string; linkTime: Span };

/** Which email it is depends on who made the account. */
function nameAndValues({ origin, facts }: ClaimedAccount, proof: Values, rejectLink: string) {
  switch (origin) {
    case 'registered':
      return { mail: 'verify-email', values: { ...proof, rejectLink, ...facts } } as const;
    case 'contested':
      return { mail: 'verify-contested-account', values: { ...proof, rejectLink } } as const;
    case 'created': {
      const { accountName, username } = facts;
      return { mail: 'verify-created-account', values: { ...proof, accountName, username } } as const;
    }
  }
}

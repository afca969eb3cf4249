/** The email that lets someone choose a password. Contains a code and a link; either is enough. */
import { formatCount, type Locale } from '#core/locale.ts';
import { type Addressee, composeMail, type Mail } from '#core/mail/mail.ts';

type Proof = {
  code: string;
  link: string;
  codeMinutes: number;
  linkMinutes: number;
  /** False if the account has no password yet, or none that is valid. */
  hasPassword: boolean;
  /** Former addresses that can take the account back. */
  warnings: readonly string[];
};

type Texts = {
  subject: string;
  subjectOfFirst: string;
  why: string;
  whyFirst: string;
  code: (minutes: string) => string;
  link: (minutes: string) => string;
  button: string;
  notYou: string;
  notYouFirst: string;
};

const TEXTS: Record<Locale, Texts> = {
  en: {
    subject: 'Reset your password',
    subjectOfFirst: 'Choose a password',
    why: 'Someone, probably you, asked to reset the password of your account.',
    whyFirst: 'Your account does not have a password yet. Choose one, then sign in with it.',
    code: (minutes) => `Enter this code to choose a new password. It is valid for ${minutes}.`,
    link: (minutes) => `Or use the link below. It is valid for ${minutes}.`,
    button: 'Choose a new password',
    notYou:
      'If you did not request this, ignore this message. Your password stays the same. Never share the code or the link with anyone.',
    notYouFirst:
      'If you do not want this account, ignore this message. Without a password, nobody can sign in to it. Never share the code or the link with anyone.',
  },
  de: {
    subject: 'Setzen Sie Ihr Passwort zurück',
    subjectOfFirst: 'Wählen Sie ein Passwort',
    why: 'jemand, vermutlich Sie, möchte das Passwort Ihres Kontos zurücksetzen.',
    whyFirst: 'Ihr Konto hat noch kein Passwort. Wählen Sie eines und melden Sie sich damit an.',
    code: (minutes) => `Geben Sie diesen Code ein, um ein neues Passwort zu wählen. Er ist ${minutes} gültig.`,
    link: (minutes) => `Oder verwenden Sie den folgenden Link. Er ist ${minutes} gültig.`,
    button: 'Neues Passwort wählen',
    notYou:
      'Falls Sie das nicht angefordert haben, ignorieren Sie diese Nachricht. Ihr Passwort bleibt unverändert. Geben Sie den Code und den Link niemals an andere weiter.',
    notYouFirst:
      'Falls Sie dieses Konto nicht möchten, ignorieren Sie diese Nachricht. Ohne Passwort kann sich niemand damit anmelden. Geben Sie den Code und den Link niemals an andere weiter.',
  },
  es: {
    subject: 'Restablezca su contraseña',
    subjectOfFirst: 'Elija una contraseña',
    why: 'Alguien, probablemente usted, ha solicitado restablecer la contraseña de su cuenta.',
    whyFirst: 'Su cuenta todavía no tiene contraseña. Elija una e inicie sesión con ella.',
    code: (minutes) => `Introduzca este código para elegir una contraseña nueva. Es válido durante ${minutes}.`,
    link: (minutes) => `También puede usar el siguiente enlace. Es válido durante ${minutes}.`,
    button: 'Elegir una contraseña nueva',
    notYou:
      'Si usted no lo ha solicitado, ignore este mensaje. Su contraseña no cambiará. No comparta nunca el código ni el enlace con nadie.',
    notYouFirst:
      'Si no quiere esta cuenta, ignore este mensaje. Sin contraseña, nadie puede iniciar sesión en ella. No comparta nunca el código ni el enlace con nadie.',
  },
  fr: {
    subject: 'Réinitialisez votre mot de passe',
    subjectOfFirst: 'Choisissez un mot de passe',
    why: 'Quelqu’un, probablement vous, a demandé à réinitialiser le mot de passe de votre compte.',
    whyFirst: 'Votre compte n’a pas encore de mot de passe. Choisissez-en un, puis connectez-vous avec celui-ci.',
    code: (minutes) => `Saisissez ce code pour choisir un nouveau mot de passe. Il est valable ${minutes}.`,
    link: (minutes) => `Vous pouvez aussi utiliser le lien ci-dessous. Il est valable ${minutes}.`,
    button: 'Choisir un nouveau mot de passe',
    notYou:
      'Si vous n’êtes pas à l’origine de cette demande, ignorez ce message. Votre mot de passe reste inchangé. Ne communiquez jamais le code ni le lien à qui que ce soit.',
    notYouFirst:
      'Si vous ne voulez pas de ce compte, ignorez ce message. Sans mot de passe, personne ne peut s’y connecter. Ne communiquez jamais le code ni le lien à qui que ce soit.',
  },
};

export function resetPasswordEmail(input: Addressee & Proof): Mail {
  const { code, link, codeMinutes, linkMinutes, hasPassword, warnings, ...to } = input;
  const texts = TEXTS[to.locale];
  return composeMail(to, hasPassword ? texts.subject : texts.subjectOfFirst, [
    hasPassword ? texts.why : texts.whyFirst,
    ...warnings.map((warning) => ({ warning })),
    // If the email was delayed, the code may have expired already; the link is valid for longer.
    ...(codeMinutes > 0 ? [texts.code(formatCount(codeMinutes, 'minute', to.locale)), { code }] : []),
    texts.link(formatCount(linkMinutes, 'minute', to.locale)),
    { label: texts.button, url: link },
    hasPassword ? texts.notYou : texts.notYouFirst,
  ]);
}

/** The email that lets somebody who lost their password choose a new one: a code to type and a link; either is enough. */
import type { Locale } from '#core/locale.ts';
import { type Addressee, composeMail, type Mail } from '#core/mail/mail.ts';

type Proof = {
  code: string;
  link: string;
  codeMinutes: number;
  linkMinutes: number;
  /** False where the account has had none yet, or none that counts. */
  hasPassword: boolean;
};

type Texts = {
  subject: string;
  subjectOfFirst: string;
  why: string;
  whyFirst: string;
  code: (minutes: number) => string;
  link: (minutes: number) => string;
  button: string;
  notYou: string;
  notYouFirst: string;
};

const TEXTS: Record<Locale, Texts> = {
  en: {
    subject: 'Reset your password',
    subjectOfFirst: 'Choose a password',
    why: 'Somebody, probably you, asked to reset the password of your account.',
    whyFirst: 'Your account has no password. Choose one, and then sign in with it.',
    code: (minutes) => `Enter this code where you were asked for it. It is valid for ${minutes} minutes.`,
    link: (minutes) => `Or open the page where you choose a new password. The link is valid for ${minutes} minutes.`,
    button: 'Choose a new password',
    notYou:
      'If you did not ask for this, ignore this message: your password stays as it is. Never pass the code or the link on to anybody.',
    notYouFirst:
      'If you do not want this account, ignore this message: nobody can sign in to it. Never pass the code or the link on to anybody.',
  },
  de: {
    subject: 'Setzen Sie Ihr Passwort zurück',
    subjectOfFirst: 'Wählen Sie ein Passwort',
    why: 'jemand, vermutlich Sie, möchte das Passwort Ihres Kontos zurücksetzen.',
    whyFirst: 'für Ihr Konto gibt es kein Passwort. Wählen Sie eines und melden Sie sich damit an.',
    code: (minutes) => `Geben Sie diesen Code dort ein, wo danach gefragt wird. Er gilt ${minutes} Minuten.`,
    link: (minutes) =>
      `Oder öffnen Sie die Seite, auf der Sie ein neues Passwort wählen. Der Link gilt ${minutes} Minuten.`,
    button: 'Neues Passwort wählen',
    notYou:
      'Falls Sie das nicht veranlasst haben, ignorieren Sie diese Nachricht: Ihr Passwort bleibt unverändert. Geben Sie Code und Link niemals weiter.',
    notYouFirst:
      'Wenn Sie dieses Konto nicht möchten, ignorieren Sie diese Nachricht: Niemand kann sich damit anmelden. Geben Sie Code und Link niemals weiter.',
  },
  es: {
    subject: 'Restablezca su contraseña',
    subjectOfFirst: 'Elija una contraseña',
    why: 'Alguien, probablemente usted, ha pedido restablecer la contraseña de su cuenta.',
    whyFirst: 'Su cuenta no tiene contraseña. Elija una e inicie sesión con ella.',
    code: (minutes) => `Introduzca este código donde se le solicite. Es válido durante ${minutes} minutos.`,
    link: (minutes) =>
      `También puede abrir la página para elegir una contraseña nueva. El enlace es válido durante ${minutes} minutos.`,
    button: 'Elegir una contraseña nueva',
    notYou:
      'Si usted no lo ha solicitado, ignore este mensaje: su contraseña no cambiará. No comparta nunca el código ni el enlace con nadie.',
    notYouFirst:
      'Si no quiere esta cuenta, ignore este mensaje: nadie puede iniciar sesión en ella. No comparta nunca el código ni el enlace con nadie.',
  },
  fr: {
    subject: 'Réinitialisez votre mot de passe',
    subjectOfFirst: 'Choisissez un mot de passe',
    why: 'Quelqu’un, probablement vous, a demandé la réinitialisation du mot de passe de votre compte.',
    whyFirst: 'Votre compte n’a pas de mot de passe. Choisissez-en un, puis connectez-vous avec.',
    code: (minutes) => `Saisissez ce code là où il vous est demandé. Il est valable ${minutes} minutes.`,
    link: (minutes) =>
      `Vous pouvez aussi ouvrir la page où choisir un nouveau mot de passe. Le lien est valable ${minutes} minutes.`,
    button: 'Choisir un nouveau mot de passe',
    notYou:
      'Si vous n’êtes pas à l’origine de cette demande, ignorez ce message\u00a0: votre mot de passe reste inchangé. Ne transmettez jamais le code ni le lien à quiconque.',
    notYouFirst:
      'Si vous ne voulez pas de ce compte, ignorez ce message\u00a0: personne ne peut s’y connecter. Ne transmettez jamais le code ni le lien à quiconque.',
  },
};

export function resetPasswordEmail(input: Addressee & Proof): Mail {
  const { code, link, codeMinutes, linkMinutes, hasPassword, ...to } = input;
  const texts = TEXTS[to.locale];
  return composeMail(to, hasPassword ? texts.subject : texts.subjectOfFirst, [
    hasPassword ? texts.why : texts.whyFirst,
    // An email that was held up tells no code that has ended meanwhile; the link lives longer.
    ...(codeMinutes > 0 ? [texts.code(codeMinutes), { code }] : []),
    texts.link(linkMinutes),
    { label: texts.button, url: link },
    hasPassword ? texts.notYou : texts.notYouFirst,
  ]);
}

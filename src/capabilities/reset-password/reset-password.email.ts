/** The email that lets somebody who lost their password choose a new one: a code to type and a link; either is enough. */
import type { Locale } from '#core/locale.ts';
import { type Addressee, composeMail, type Mail } from '#core/mail/mail.ts';

type Proof = { code: string; link: string; codeMinutes: number; linkMinutes: number };

type Texts = {
  subject: string;
  why: string;
  code: (minutes: number) => string;
  link: (minutes: number) => string;
  button: string;
  notYou: string;
};

const TEXTS: Record<Locale, Texts> = {
  en: {
    subject: 'Reset your password',
    why: 'Somebody, probably you, asked to reset the password of your account.',
    code: (minutes) => `Enter this code where you were asked for it. It is valid for ${minutes} minutes.`,
    link: (minutes) => `Or open the page where you choose a new password. The link is valid for ${minutes} minutes.`,
    button: 'Choose a new password',
    notYou:
      'If you did not ask for this, ignore this message: your password stays as it is. Never pass the code or the link on to anybody.',
  },
  de: {
    subject: 'Setzen Sie Ihr Passwort zurück',
    why: 'jemand, vermutlich Sie, möchte das Passwort Ihres Kontos zurücksetzen.',
    code: (minutes) => `Geben Sie diesen Code dort ein, wo danach gefragt wird. Er gilt ${minutes} Minuten.`,
    link: (minutes) =>
      `Oder öffnen Sie die Seite, auf der Sie ein neues Passwort wählen. Der Link gilt ${minutes} Minuten.`,
    button: 'Neues Passwort wählen',
    notYou:
      'Falls Sie das nicht veranlasst haben, ignorieren Sie diese Nachricht: Ihr Passwort bleibt unverändert. Geben Sie Code und Link niemals weiter.',
  },
  es: {
    subject: 'Restablezca su contraseña',
    why: 'Alguien, probablemente usted, ha pedido restablecer la contraseña de su cuenta.',
    code: (minutes) => `Introduzca este código donde se le solicite. Es válido durante ${minutes} minutos.`,
    link: (minutes) =>
      `También puede abrir la página para elegir una contraseña nueva. El enlace es válido durante ${minutes} minutos.`,
    button: 'Elegir una contraseña nueva',
    notYou:
      'Si usted no lo ha solicitado, ignore este mensaje: su contraseña no cambiará. No comparta nunca el código ni el enlace con nadie.',
  },
  fr: {
    subject: 'Réinitialisez votre mot de passe',
    why: 'Quelqu’un, probablement vous, a demandé la réinitialisation du mot de passe de votre compte.',
    code: (minutes) => `Saisissez ce code là où il vous est demandé. Il est valable ${minutes} minutes.`,
    link: (minutes) =>
      `Vous pouvez aussi ouvrir la page où choisir un nouveau mot de passe. Le lien est valable ${minutes} minutes.`,
    button: 'Choisir un nouveau mot de passe',
    notYou:
      'Si vous n’êtes pas à l’origine de cette demande, ignorez ce message\u00a0: votre mot de passe reste inchangé. Ne transmettez jamais le code ni le lien à quiconque.',
  },
};

export function resetPasswordEmail({ code, link, codeMinutes, linkMinutes, ...to }: Addressee & Proof): Mail {
  const texts = TEXTS[to.locale];
  return composeMail(to, texts.subject, [
    texts.why,
    // An email that was held up tells no code that has ended meanwhile; the link lives longer.
    ...(codeMinutes > 0 ? [texts.code(codeMinutes), { code }] : []),
    texts.link(linkMinutes),
    { label: texts.button, url: link },
    texts.notYou,
  ]);
}

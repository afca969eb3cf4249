/** Tells the owner that the password was reset. It holds nothing that could be used, so that reading it gains nobody anything. */
import { formatMoment, type Locale } from '#core/locale.ts';
import { type Addressee, composeMail, type Mail } from '#core/mail.ts';

type Texts = { subject: string; what: (at: string, service: string) => string; ended: string; notYou: string };

const TEXTS: Record<Locale, Texts> = {
  en: {
    subject: 'Your password was changed',
    what: (at, service) => `The password of your account at ${service} was changed on ${at}.`,
    ended: 'All devices have been signed out. Sign in again with the new password.',
    notYou:
      'If this was not you, somebody may be able to read your mail: secure your mailbox first, then reset your password again at once.',
  },
  de: {
    subject: 'Ihr Passwort wurde geändert',
    what: (at, service) => `das Passwort Ihres Kontos bei ${service} wurde geändert: ${at}.`,
    ended: 'Alle Geräte wurden abgemeldet. Melden Sie sich mit dem neuen Passwort wieder an.',
    notYou:
      'Falls Sie das nicht waren, kann möglicherweise jemand Ihre E-Mails lesen: Sichern Sie zuerst Ihr Postfach und setzen Sie dann Ihr Passwort sofort erneut zurück.',
  },
  es: {
    subject: 'Su contraseña se ha cambiado',
    what: (at, service) => `La contraseña de su cuenta en ${service} se ha cambiado: ${at}.`,
    ended: 'Se ha cerrado la sesión en todos los dispositivos. Inicie sesión de nuevo con la contraseña nueva.',
    notYou:
      'Si no ha sido usted, es posible que alguien pueda leer su correo: proteja primero su buzón y, a continuación, restablezca de inmediato su contraseña.',
  },
  fr: {
    subject: 'Votre mot de passe a été modifié',
    what: (at, service) => `Le mot de passe de votre compte sur ${service} a été modifié\u00a0: ${at}.`,
    ended: 'Tous les appareils ont été déconnectés. Reconnectez-vous avec le nouveau mot de passe.',
    notYou:
      'Si ce n’était pas vous, quelqu’un peut peut-être lire vos e-mails\u00a0: sécurisez d’abord votre messagerie, puis réinitialisez aussitôt votre mot de passe.',
  },
};

/** `publicUrl` is shown so that the owner knows which account is meant. */
export function passwordChangedEmail({ at, publicUrl, ...to }: Addressee & { at: Date; publicUrl: string }): Mail {
  const texts = TEXTS[to.locale];
  return composeMail(to, texts.subject, [
    texts.what(formatMoment(at, to.locale), publicUrl),
    texts.ended,
    texts.notYou,
  ]);
}

/** Tells the owner that the password was reset or changed. It holds nothing that could be used, so that reading it gains nobody anything. */
import { formatMoment, type Locale } from '#core/locale.ts';
import { type Addressee, composeMail, type Mail } from '#core/mail/mail.ts';

/** On which devices the change ended the sessions: everywhere by a reset, else as whoever changed it chose. */
type SignedOut = 'everywhere' | 'elsewhere' | 'nowhere';

type Texts = {
  subject: string;
  what: (at: string, service: string) => string;
  ended: Record<SignedOut, string>;
  /** After a reset somebody read the email; after a change somebody knew the password. */
  notYou: { reset: string; changed: string };
};

const TEXTS: Record<Locale, Texts> = {
  en: {
    subject: 'Your password was changed',
    what: (at, service) => `The password of your account at ${service} was changed on ${at}.`,
    ended: {
      everywhere: 'All devices have been signed out. Sign in again with the new password.',
      elsewhere: 'All other devices have been signed out. Sign in there again with the new password.',
      nowhere: 'Your other devices stay signed in.',
    },
    notYou: {
      reset:
        'If this was not you, somebody may be able to read your mail: secure your mailbox first, then reset your password again at once.',
      changed:
        'If this was not you, somebody knows your password: reset it at once where you sign in. That signs out all devices.',
    },
  },
  de: {
    subject: 'Ihr Passwort wurde geändert',
    what: (at, service) => `das Passwort Ihres Kontos bei ${service} wurde geändert: ${at}.`,
    ended: {
      everywhere: 'Alle Geräte wurden abgemeldet. Melden Sie sich mit dem neuen Passwort wieder an.',
      elsewhere: 'Alle anderen Geräte wurden abgemeldet. Melden Sie sich dort mit dem neuen Passwort wieder an.',
      nowhere: 'Ihre anderen Geräte bleiben angemeldet.',
    },
    notYou: {
      reset:
        'Falls Sie das nicht waren, kann möglicherweise jemand Ihre E-Mails lesen: Sichern Sie zuerst Ihr Postfach und setzen Sie dann Ihr Passwort sofort erneut zurück.',
      changed:
        'Falls Sie das nicht waren, kennt jemand Ihr Passwort: Setzen Sie es dort, wo Sie sich anmelden, sofort zurück. Damit werden alle Geräte abgemeldet.',
    },
  },
  es: {
    subject: 'Su contraseña se ha cambiado',
    what: (at, service) => `La contraseña de su cuenta en ${service} se ha cambiado: ${at}.`,
    ended: {
      everywhere: 'Se ha cerrado la sesión en todos los dispositivos. Inicie sesión de nuevo con la contraseña nueva.',
      elsewhere:
        'Se ha cerrado la sesión en todos los demás dispositivos. Inicie sesión en ellos de nuevo con la contraseña nueva.',
      nowhere: 'En sus demás dispositivos la sesión sigue abierta.',
    },
    notYou: {
      reset:
        'Si no ha sido usted, es posible que alguien pueda leer su correo: proteja primero su buzón y, a continuación, restablezca de inmediato su contraseña.',
      changed:
        'Si no ha sido usted, alguien conoce su contraseña: restablézcala de inmediato donde inicia sesión. Así se cerrará la sesión en todos los dispositivos.',
    },
  },
  fr: {
    subject: 'Votre mot de passe a été modifié',
    what: (at, service) => `Le mot de passe de votre compte sur ${service} a été modifié\u00a0: ${at}.`,
    ended: {
      everywhere: 'Tous les appareils ont été déconnectés. Reconnectez-vous avec le nouveau mot de passe.',
      elsewhere: 'Tous les autres appareils ont été déconnectés. Reconnectez-vous-y avec le nouveau mot de passe.',
      nowhere: 'Vos autres appareils restent connectés.',
    },
    notYou: {
      reset:
        'Si ce n’était pas vous, quelqu’un peut peut-être lire vos e-mails\u00a0: sécurisez d’abord votre messagerie, puis réinitialisez aussitôt votre mot de passe.',
      changed:
        'Si ce n’était pas vous, quelqu’un connaît votre mot de passe\u00a0: réinitialisez-le aussitôt là où vous vous connectez. Tous les appareils seront alors déconnectés.',
    },
  },
};

/** `publicUrl` is shown so that the owner knows which account is meant. */
export function passwordChangedEmail({
  at,
  publicUrl,
  signedOut,
  ...to
}: Addressee & { at: Date; publicUrl: string; signedOut: SignedOut }): Mail {
  const texts = TEXTS[to.locale];
  return composeMail(to, texts.subject, [
    texts.what(formatMoment(at, to.locale), publicUrl),
    texts.ended[signedOut],
    signedOut === 'everywhere' ? texts.notYou.reset : texts.notYou.changed,
  ]);
}

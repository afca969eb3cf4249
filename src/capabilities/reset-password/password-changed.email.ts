/** Tells the owner that the password was reset or changed. Contains no link or code, so it is of no use to a thief. */
import type { FormerAddress } from '#core/accounts/former-address.ts';
import { formatMoment, type Locale } from '#core/locale.ts';
import { type Addressee, composeMail, type Mail } from '#core/mail/mail.ts';

/** Which devices were signed out: all of them by a reset, otherwise those that the person chose. */
type SignedOut = 'everywhere' | 'elsewhere' | 'nowhere';

const NAMES = {
  everywhere: 'password-reset',
  elsewhere: 'password-changed',
  nowhere: 'password-changed-here',
} as const satisfies Record<SignedOut, string>;

type Change = {
  at: Date;
  signedOut: SignedOut;
  /** Former addresses that can take the account back. */
  former: readonly FormerAddress[];
};

type Texts = {
  subject: string;
  what: (at: string, service: string) => string;
  ended: Record<SignedOut, string>;
  /** A reset requires access to the mailbox; a change requires the old password. */
  notYou: { reset: string; changed: string };
};

const TEXTS: Record<Locale, Texts> = {
  en: {
    subject: 'Your password was changed',
    what: (at, service) => `The password of your account at ${service} was changed on ${at}.`,
    ended: {
      everywhere: 'All devices have been signed out. Sign in again with the new password.',
      elsewhere: 'All other devices have been signed out. Sign in on them again with the new password.',
      nowhere: 'Your other devices stay signed in.',
    },
    notYou: {
      reset:
        'If this was not you, someone may be able to read your email. Secure your mailbox first, then reset your password again immediately.',
      changed:
        'If this was not you, someone else is using your account. Reset the password immediately from the sign-in page. This signs out all devices.',
    },
  },
  de: {
    subject: 'Ihr Passwort wurde geändert',
    what: (at, service) => `das Passwort Ihres Kontos bei ${service} wurde am ${at} geändert.`,
    ended: {
      everywhere: 'Alle Geräte wurden abgemeldet. Melden Sie sich mit dem neuen Passwort wieder an.',
      elsewhere: 'Alle anderen Geräte wurden abgemeldet. Melden Sie sich dort mit dem neuen Passwort wieder an.',
      nowhere: 'Ihre anderen Geräte bleiben angemeldet.',
    },
    notYou: {
      reset:
        'Falls Sie das nicht waren, kann möglicherweise jemand Ihre E-Mails lesen. Sichern Sie zuerst Ihr Postfach und setzen Sie danach sofort Ihr Passwort erneut zurück.',
      changed:
        'Falls Sie das nicht waren, benutzt jemand anderes Ihr Konto. Setzen Sie das Passwort sofort auf der Anmeldeseite zurück. Dabei werden alle Geräte abgemeldet.',
    },
  },
  es: {
    subject: 'Se ha cambiado su contraseña',
    what: (at, service) => `La contraseña de su cuenta en ${service} se cambió el ${at}.`,
    ended: {
      everywhere: 'Se ha cerrado la sesión en todos los dispositivos. Inicie sesión de nuevo con la contraseña nueva.',
      elsewhere:
        'Se ha cerrado la sesión en todos los demás dispositivos. Inicie sesión en ellos de nuevo con la contraseña nueva.',
      nowhere: 'La sesión sigue abierta en sus demás dispositivos.',
    },
    notYou: {
      reset:
        'Si no ha sido usted, es posible que alguien pueda leer su correo. Proteja primero su buzón y, después, restablezca de nuevo su contraseña de inmediato.',
      changed:
        'Si no ha sido usted, otra persona está usando su cuenta. Restablezca la contraseña de inmediato desde la página de inicio de sesión. Así se cerrará la sesión en todos los dispositivos.',
    },
  },
  fr: {
    subject: 'Votre mot de passe a été modifié',
    what: (at, service) => `Le mot de passe de votre compte sur ${service} a été modifié le ${at}.`,
    ended: {
      everywhere: 'Tous les appareils ont été déconnectés. Reconnectez-vous avec le nouveau mot de passe.',
      elsewhere:
        'Tous les autres appareils ont été déconnectés. Reconnectez-vous sur ceux-ci avec le nouveau mot de passe.',
      nowhere: 'Vos autres appareils restent connectés.',
    },
    notYou: {
      reset:
        'Si ce n’était pas vous, quelqu’un a peut-être accès à vos e-mails. Sécurisez d’abord votre messagerie, puis réinitialisez immédiatement votre mot de passe.',
      changed:
        'Si ce n’était pas vous, quelqu’un d’autre utilise votre compte. Réinitialisez le mot de passe immédiatement depuis la page de connexion. Tous les appareils seront alors déconnectés.',
    },
  },
};

export function passwordChangedEmail({ at, signedOut, former, ...to }: Addressee & Change): Mail {
  const texts = TEXTS[to.locale];
  const values = {
    at,
    formerAddress: former.map(({ address }) => address),
    formerUntil: former.map(({ until }) => until),
  };
  return composeMail(to, {
    mail: NAMES[signedOut],
    values,
    subject: texts.subject,
    blocks: [
      texts.what(formatMoment(at, to.locale), to.service),
      texts.ended[signedOut],
      ...former.map(({ warning }) => ({ warning })),
      signedOut === 'everywhere' ? texts.notYou.reset : texts.notYou.changed,
    ],
  });
}

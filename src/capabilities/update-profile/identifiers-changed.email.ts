/**
 * Tells the owner that the username or phone number of the account was changed, because both can sign in. Contains
 * neither: the email may be read on a lock screen. It has no link, so it is of no use to a thief.
 */
import { formatMoment, type Locale } from '#core/locale.ts';
import { type Addressee, composeMail, type Mail } from '#core/mail/mail.ts';

type Changed = 'username' | 'phone' | 'both';

const NAMES = {
  username: 'username-changed',
  phone: 'phone-changed',
  both: 'username-and-phone-changed',
} as const satisfies Record<Changed, string>;

type Change = {
  changed: Changed;
  at: Date;
  /** Until when the former ones are held for their owner; null if there were none. */
  heldUntil: Date | null;
};

type Texts = {
  subject: Record<Changed, string>;
  what: Record<Changed, (at: string, service: string) => string>;
  wasYou: string;
  notYou: string;
  /** The same where passwords do not sign in. */
  notYouWithoutPasswords: string;
  held: Record<Changed, (until: string) => string>;
};

const TEXTS: Record<Locale, Texts> = {
  en: {
    subject: {
      username: 'Your username was changed',
      phone: 'Your phone number was changed',
      both: 'Your username and phone number were changed',
    },
    what: {
      username: (at, service) =>
        `The username of your account at ${service} was changed on ${at}. It can be used to sign in.`,
      phone: (at, service) =>
        `The phone number of your account at ${service} was changed on ${at}. It can be used to sign in.`,
      both: (at, service) =>
        `The username and the phone number of your account at ${service} were changed on ${at}. Both can be used to sign in.`,
    },
    wasYou: 'If this was you, you do not need to do anything.',
    notYou:
      'If this was not you, someone else is using your account. Reset your password immediately from the sign-in page, with your email address. This signs out all devices. Then sign in and change this back.',
    notYouWithoutPasswords:
      'If this was not you, someone else is using your account. Sign in with your email address immediately, sign out everywhere, sign in again and change this back.',
    held: {
      username: (until) => `Your previous username is reserved for you until ${until}.`,
      phone: (until) => `Your previous phone number is reserved for you until ${until}.`,
      both: (until) => `What you had before is reserved for you until ${until}.`,
    },
  },
  de: {
    subject: {
      username: 'Ihr Benutzername wurde geändert',
      phone: 'Ihre Telefonnummer wurde geändert',
      both: 'Ihr Benutzername und Ihre Telefonnummer wurden geändert',
    },
    what: {
      username: (at, service) =>
        `der Benutzername Ihres Kontos bei ${service} wurde am ${at} geändert. Mit ihm kann man sich anmelden.`,
      phone: (at, service) =>
        `die Telefonnummer Ihres Kontos bei ${service} wurde am ${at} geändert. Mit ihr kann man sich anmelden.`,
      both: (at, service) =>
        `der Benutzername und die Telefonnummer Ihres Kontos bei ${service} wurden am ${at} geändert. Mit beiden kann man sich anmelden.`,
    },
    wasYou: 'Falls Sie das waren, müssen Sie nichts tun.',
    notYou:
      'Falls Sie das nicht waren, benutzt jemand anderes Ihr Konto. Setzen Sie sofort auf der Anmeldeseite mit Ihrer E-Mail-Adresse Ihr Passwort zurück. Dabei werden alle Geräte abgemeldet. Melden Sie sich danach an und machen Sie die Änderung rückgängig.',
    notYouWithoutPasswords:
      'Falls Sie das nicht waren, benutzt jemand anderes Ihr Konto. Melden Sie sich sofort mit Ihrer E-Mail-Adresse an und dann überall ab. Melden Sie sich danach wieder an und machen Sie die Änderung rückgängig.',
    held: {
      username: (until) => `Ihr bisheriger Benutzername bleibt bis zum ${until} für Sie reserviert.`,
      phone: (until) => `Ihre bisherige Telefonnummer bleibt bis zum ${until} für Sie reserviert.`,
      both: (until) => `Ihre bisherigen Angaben bleiben bis zum ${until} für Sie reserviert.`,
    },
  },
  es: {
    subject: {
      username: 'Se ha cambiado su nombre de usuario',
      phone: 'Se ha cambiado su número de teléfono',
      both: 'Se han cambiado su nombre de usuario y su número de teléfono',
    },
    what: {
      username: (at, service) =>
        `El nombre de usuario de su cuenta en ${service} se cambió el ${at}. Sirve para iniciar sesión.`,
      phone: (at, service) =>
        `El número de teléfono de su cuenta en ${service} se cambió el ${at}. Sirve para iniciar sesión.`,
      both: (at, service) =>
        `El nombre de usuario y el número de teléfono de su cuenta en ${service} se cambiaron el ${at}. Ambos sirven para iniciar sesión.`,
    },
    wasYou: 'Si ha sido usted, no tiene que hacer nada.',
    notYou:
      'Si no ha sido usted, otra persona está usando su cuenta. Restablezca su contraseña de inmediato desde la página de inicio de sesión, con su dirección de correo. Así se cerrará la sesión en todos los dispositivos. Después, inicie sesión y deshaga el cambio.',
    notYouWithoutPasswords:
      'Si no ha sido usted, otra persona está usando su cuenta. Inicie sesión de inmediato con su dirección de correo y ciérrela en todos los dispositivos. Después, inicie sesión de nuevo y deshaga el cambio.',
    held: {
      username: (until) => `Su nombre de usuario anterior queda reservado para usted hasta el ${until}.`,
      phone: (until) => `Su número de teléfono anterior queda reservado para usted hasta el ${until}.`,
      both: (until) => `Los datos anteriores quedan reservados para usted hasta el ${until}.`,
    },
  },
  fr: {
    subject: {
      username: 'Votre nom d’utilisateur a été modifié',
      phone: 'Votre numéro de téléphone a été modifié',
      both: 'Votre nom d’utilisateur et votre numéro de téléphone ont été modifiés',
    },
    what: {
      username: (at, service) =>
        `Le nom d’utilisateur de votre compte sur ${service} a été modifié le ${at}. Il permet de se connecter.`,
      phone: (at, service) =>
        `Le numéro de téléphone de votre compte sur ${service} a été modifié le ${at}. Il permet de se connecter.`,
      both: (at, service) =>
        `Le nom d’utilisateur et le numéro de téléphone de votre compte sur ${service} ont été modifiés le ${at}. Tous deux permettent de se connecter.`,
    },
    wasYou: 'Si c’était vous, vous n’avez rien à faire.',
    notYou:
      'Si ce n’était pas vous, quelqu’un d’autre utilise votre compte. Réinitialisez immédiatement votre mot de passe depuis la page de connexion, avec votre adresse e-mail. Tous les appareils seront déconnectés. Connectez-vous ensuite et annulez la modification.',
    notYouWithoutPasswords:
      'Si ce n’était pas vous, quelqu’un d’autre utilise votre compte. Connectez-vous immédiatement avec votre adresse e-mail, puis déconnectez tous les appareils. Reconnectez-vous ensuite et annulez la modification.',
    held: {
      username: (until) => `Votre ancien nom d’utilisateur vous reste réservé jusqu’au ${until}.`,
      phone: (until) => `Votre ancien numéro de téléphone vous reste réservé jusqu’au ${until}.`,
      both: (until) => `Vos anciennes informations vous restent réservées jusqu’au ${until}.`,
    },
  },
};

export function identifiersChangedEmail({ changed, at, heldUntil, ...to }: Addressee & Change): Mail {
  const texts = TEXTS[to.locale];
  return composeMail(to, {
    mail: NAMES[changed],
    values: { at, heldUntil },
    subject: texts.subject[changed],
    blocks: [
      texts.what[changed](formatMoment(at, to.locale), to.service),
      texts.wasYou,
      to.hasPasswords === false ? texts.notYouWithoutPasswords : texts.notYou,
      ...(heldUntil === null ? [] : [texts.held[changed](formatMoment(heldUntil, to.locale))]),
    ],
  });
}

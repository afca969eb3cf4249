/**
 * Tells the old address that the email address of the account is about to change, or has changed, with a link that
 * undoes it. It does not show the new address: the reader may not be the person who changed it.
 */
import { formatMoment, type Locale } from '#core/locale.ts';
import { type Addressee, composeMail, type Mail } from '#core/mail/mail.ts';

type Change = { event: 'requested' | 'changed'; at: Date; link: string; linkEndsAt: Date };

type Texts = {
  subject: Record<Change['event'], string>;
  what: Record<Change['event'], (at: string, service: string) => string>;
  wasYou: string;
  notYou: string;
  /** The same where passwords do not sign in. */
  notYouWithoutPasswords: string;
  until: (end: string) => string;
  button: string;
};

const TEXTS: Record<Locale, Texts> = {
  en: {
    subject: {
      requested: 'Your email address is about to change',
      changed: 'Your email address was changed',
    },
    what: {
      requested: (at, service) => `On ${at}, someone asked to change the email address of your account at ${service}.`,
      changed: (at, service) => `The email address of your account at ${service} was changed on ${at}.`,
    },
    wasYou: 'If this was you, you do not need to do anything.',
    notYou:
      'If this was not you, someone else is using your account. Use the link below to keep this address or get it back. It also signs out all devices, and we will email you a link to choose a new password.',
    notYouWithoutPasswords:
      'If this was not you, someone else is using your account. Use the link below to keep this address or get it back. It also signs out all devices.',
    until: (end) => `The link is valid until ${end}.`,
    button: 'This wasn’t me',
  },
  de: {
    subject: {
      requested: 'Ihre E-Mail-Adresse soll geändert werden',
      changed: 'Ihre E-Mail-Adresse wurde geändert',
    },
    what: {
      requested: (at, service) =>
        `am ${at} wurde angefordert, die E-Mail-Adresse Ihres Kontos bei ${service} zu ändern.`,
      changed: (at, service) => `die E-Mail-Adresse Ihres Kontos bei ${service} wurde am ${at} geändert.`,
    },
    wasYou: 'Falls Sie das waren, müssen Sie nichts tun.',
    notYou:
      'Falls Sie das nicht waren, benutzt jemand anderes Ihr Konto. Über den folgenden Link behalten Sie diese Adresse oder stellen sie wieder her. Dabei werden auch alle Geräte abgemeldet, und Sie erhalten einen Link, um ein neues Passwort zu wählen.',
    notYouWithoutPasswords:
      'Falls Sie das nicht waren, benutzt jemand anderes Ihr Konto. Über den folgenden Link behalten Sie diese Adresse oder stellen sie wieder her. Dabei werden auch alle Geräte abgemeldet.',
    until: (end) => `Der Link ist bis zum ${end} gültig.`,
    button: 'Das war ich nicht',
  },
  es: {
    subject: {
      requested: 'Se va a cambiar su dirección de correo electrónico',
      changed: 'Se ha cambiado su dirección de correo electrónico',
    },
    what: {
      requested: (at, service) => `El ${at} se solicitó cambiar la dirección de correo de su cuenta en ${service}.`,
      changed: (at, service) => `La dirección de correo de su cuenta en ${service} se cambió el ${at}.`,
    },
    wasYou: 'Si ha sido usted, no tiene que hacer nada.',
    notYou:
      'Si no ha sido usted, otra persona está usando su cuenta. Use el siguiente enlace para conservar o recuperar esta dirección. También se cerrará la sesión en todos los dispositivos y le enviaremos un enlace para elegir una contraseña nueva.',
    notYouWithoutPasswords:
      'Si no ha sido usted, otra persona está usando su cuenta. Use el siguiente enlace para conservar o recuperar esta dirección. También se cerrará la sesión en todos los dispositivos.',
    until: (end) => `El enlace es válido hasta el ${end}.`,
    button: 'No he sido yo',
  },
  fr: {
    subject: {
      requested: 'Votre adresse e-mail va être modifiée',
      changed: 'Votre adresse e-mail a été modifiée',
    },
    what: {
      requested: (at, service) =>
        `Le ${at}, quelqu’un a demandé à modifier l’adresse e-mail de votre compte sur ${service}.`,
      changed: (at, service) => `L’adresse e-mail de votre compte sur ${service} a été modifiée le ${at}.`,
    },
    wasYou: 'Si c’était vous, vous n’avez rien à faire.',
    notYou:
      'Si ce n’était pas vous, quelqu’un d’autre utilise votre compte. Utilisez le lien ci-dessous pour conserver ou récupérer cette adresse. Tous les appareils seront déconnectés et nous vous enverrons un lien pour choisir un nouveau mot de passe.',
    notYouWithoutPasswords:
      'Si ce n’était pas vous, quelqu’un d’autre utilise votre compte. Utilisez le lien ci-dessous pour conserver ou récupérer cette adresse. Tous les appareils seront aussi déconnectés.',
    until: (end) => `Le lien est valable jusqu’au ${end}.`,
    button: 'Ce n’était pas moi',
  },
};

export function emailChangeNoticeEmail({ event, at, link, linkEndsAt, ...to }: Addressee & Change): Mail {
  const texts = TEXTS[to.locale];
  const mail = event === 'requested' ? 'email-change-requested' : 'email-changed';
  return composeMail(to, {
    mail,
    values: { at, link, linkEndsAt },
    subject: texts.subject[event],
    blocks: [
      texts.what[event](formatMoment(at, to.locale), to.service),
      texts.wasYou,
      to.hasPasswords === false ? texts.notYouWithoutPasswords : texts.notYou,
      texts.until(formatMoment(linkEndsAt, to.locale)),
      { label: texts.button, url: link },
    ],
  });
}

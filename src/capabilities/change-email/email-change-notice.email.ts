/**
 * Tells the old address that the account is to be moved, or has been, with a link that undoes it. It does not name the
 * new address: who reads the old one need not be who moved.
 */
import { formatMoment, type Locale } from '#core/locale.ts';
import { type Addressee, composeMail, type Mail } from '#core/mail/mail.ts';

type Change = { event: 'requested' | 'changed'; at: Date; link: string; linkEndsAt: Date; publicUrl: string };

type Texts = {
  subject: Record<Change['event'], string>;
  what: Record<Change['event'], (at: string, service: string) => string>;
  wasYou: string;
  notYou: string;
  until: (end: string) => string;
  button: string;
};

const TEXTS: Record<Locale, Texts> = {
  en: {
    subject: {
      requested: 'Your email address is to be changed',
      changed: 'Your email address was changed',
    },
    what: {
      requested: (at, service) => `A new email address for your account at ${service} was given on ${at}.`,
      changed: (at, service) => `Your account at ${service} was moved to another email address on ${at}.`,
    },
    wasYou: 'If this was you, there is nothing to do.',
    notYou:
      'If this was not you, somebody else is using your account. With this link your account keeps this address or gets it back, all devices are signed out, and we mail you a link to choose a new password.',
    until: (end) => `The link is valid until ${end}.`,
    button: 'This was not me',
  },
  de: {
    subject: {
      requested: 'Ihre E-Mail-Adresse soll geändert werden',
      changed: 'Ihre E-Mail-Adresse wurde geändert',
    },
    what: {
      requested: (at, service) => `für Ihr Konto bei ${service} wurde eine neue E-Mail-Adresse angegeben: ${at}.`,
      changed: (at, service) => `Ihr Konto bei ${service} hat jetzt eine andere E-Mail-Adresse. Geändert: ${at}.`,
    },
    wasYou: 'Falls Sie das waren, müssen Sie nichts tun.',
    notYou:
      'Falls Sie das nicht waren, benutzt jemand anderes Ihr Konto. Mit diesem Link behält Ihr Konto diese Adresse oder bekommt sie zurück, alle Geräte werden abgemeldet, und Sie erhalten einen Link, um ein neues Passwort zu wählen.',
    until: (end) => `Der Link gilt bis ${end}.`,
    button: 'Das war ich nicht',
  },
  es: {
    subject: {
      requested: 'Se va a cambiar su dirección de correo electrónico',
      changed: 'Su dirección de correo electrónico se ha cambiado',
    },
    what: {
      requested: (at, service) => `Se ha indicado una dirección nueva para su cuenta en ${service}: ${at}.`,
      changed: (at, service) => `Su cuenta en ${service} tiene ahora otra dirección de correo. Cambiada: ${at}.`,
    },
    wasYou: 'Si ha sido usted, no tiene que hacer nada.',
    notYou:
      'Si no ha sido usted, otra persona está usando su cuenta. Con este enlace su cuenta conserva o recupera esta dirección, se cierra la sesión en todos los dispositivos y le enviamos un enlace para elegir una contraseña nueva.',
    until: (end) => `El enlace es válido hasta el ${end}.`,
    button: 'No he sido yo',
  },
  fr: {
    subject: {
      requested: 'Votre adresse e-mail va être modifiée',
      changed: 'Votre adresse e-mail a été modifiée',
    },
    what: {
      requested: (at, service) => `Une nouvelle adresse a été indiquée pour votre compte sur ${service}\u00a0: ${at}.`,
      changed: (at, service) =>
        `Votre compte sur ${service} a maintenant une autre adresse e-mail. Modifiée\u00a0: ${at}.`,
    },
    wasYou: 'Si c’était vous, vous n’avez rien à faire.',
    notYou:
      'Si ce n’était pas vous, quelqu’un d’autre utilise votre compte. Avec ce lien, votre compte garde ou retrouve cette adresse, tous les appareils sont déconnectés et nous vous envoyons un lien pour choisir un nouveau mot de passe.',
    until: (end) => `Le lien est valable jusqu’au ${end}.`,
    button: 'Ce n’était pas moi',
  },
};

export function emailChangeNoticeEmail({ event, at, link, linkEndsAt, publicUrl, ...to }: Addressee & Change): Mail {
  const texts = TEXTS[to.locale];
  return composeMail(to, texts.subject[event], [
    texts.what[event](formatMoment(at, to.locale), publicUrl),
    texts.wasYou,
    texts.notYou,
    texts.until(formatMoment(linkEndsAt, to.locale)),
    { label: texts.button, url: link },
  ]);
}

/** Notifies the owner of a sign-in on a device that is new to the account. */

import { describeDevice } from '#core/input/device.ts';
import { formatMoment, type Locale } from '#core/locale.ts';
import { type Addressee, composeMail, type Mail } from '#core/mail/mail.ts';

type SignIn = { at: Date; userAgent: string | null; ipAddress: string | null };

type Texts = {
  subject: string;
  what: (at: string, service: string) => string;
  device: (device: string | null, ipAddress: string | null) => string;
  you: string;
  notYou: string;
  /** The same where passwords do not sign in. */
  notYouWithoutPasswords: string;
};

const TEXTS: Record<Locale, Texts> = {
  en: {
    subject: 'New sign-in to your account',
    what: (at, service) => `On ${at}, someone signed in to your account at ${service} on a device that we do not know.`,
    device: (device, ip) => `Device: ${device ?? 'unknown'}. IP address: ${ip ?? 'unknown'}.`,
    you: 'If this was you, you do not need to do anything.',
    notYou:
      'If this was not you, someone has access to your account. Reset your password immediately from the sign-in page. This signs out all devices.',
    notYouWithoutPasswords:
      'If this was not you, someone has access to your account. Sign in and sign out everywhere immediately.',
  },
  de: {
    subject: 'Neue Anmeldung bei Ihrem Konto',
    what: (at, service) =>
      `am ${at} hat sich jemand mit Ihrem Konto bei ${service} auf einem Gerät angemeldet, das wir noch nicht kennen.`,
    device: (device, ip) => `Gerät: ${device ?? 'unbekannt'}. IP-Adresse: ${ip ?? 'unbekannt'}.`,
    you: 'Falls Sie das waren, müssen Sie nichts tun.',
    notYou:
      'Falls Sie das nicht waren, hat jemand Zugriff auf Ihr Konto. Setzen Sie Ihr Passwort sofort auf der Anmeldeseite zurück. Dabei werden alle Geräte abgemeldet.',
    notYouWithoutPasswords:
      'Falls Sie das nicht waren, hat jemand Zugriff auf Ihr Konto. Melden Sie sich sofort an und dann überall ab.',
  },
  es: {
    subject: 'Nuevo inicio de sesión en su cuenta',
    what: (at, service) =>
      `El ${at} se inició sesión en su cuenta de ${service} desde un dispositivo que no conocemos.`,
    device: (device, ip) => `Dispositivo: ${device ?? 'desconocido'}. Dirección IP: ${ip ?? 'desconocida'}.`,
    you: 'Si ha sido usted, no tiene que hacer nada.',
    notYou:
      'Si no ha sido usted, alguien tiene acceso a su cuenta. Restablezca su contraseña de inmediato desde la página de inicio de sesión. Así se cerrará la sesión en todos los dispositivos.',
    notYouWithoutPasswords:
      'Si no ha sido usted, alguien tiene acceso a su cuenta. Inicie sesión de inmediato y ciérrela en todos los dispositivos.',
  },
  fr: {
    subject: 'Nouvelle connexion à votre compte',
    what: (at, service) =>
      `Le ${at}, quelqu’un s’est connecté à votre compte sur ${service} depuis un appareil que nous ne connaissons pas.`,
    device: (device, ip) => `Appareil\u00a0: ${device ?? 'inconnu'}. Adresse IP\u00a0: ${ip ?? 'inconnue'}.`,
    you: 'Si c’était vous, vous n’avez rien à faire.',
    notYou:
      'Si ce n’était pas vous, quelqu’un a accès à votre compte. Réinitialisez immédiatement votre mot de passe depuis la page de connexion. Tous les appareils seront alors déconnectés.',
    notYouWithoutPasswords:
      'Si ce n’était pas vous, quelqu’un a accès à votre compte. Connectez-vous immédiatement, puis déconnectez tous les appareils.',
  },
};

export function newDeviceEmail({ at, userAgent, ipAddress: address, ...to }: Addressee & SignIn): Mail {
  const texts = TEXTS[to.locale];
  const { device, ipAddress } = describeDevice({ userAgent, ipAddress: address });
  return composeMail(to, {
    mail: 'new-device',
    values: { at, device, ipAddress },
    subject: texts.subject,
    blocks: [
      texts.what(formatMoment(at, to.locale), to.service),
      texts.device(device, ipAddress),
      texts.you,
      to.hasPasswords === false ? texts.notYouWithoutPasswords : texts.notYou,
    ],
  });
}

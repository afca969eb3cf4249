/** Notifies the owner that the correct password followed many wrong ones: someone may have guessed it. */

import { describeDevice } from '#core/input/device.ts';
import { formatMoment, type Locale } from '#core/locale.ts';
import { type Addressee, composeMail, type Mail } from '#core/mail/mail.ts';

type SignIn = { failures: number; at: Date; userAgent: string | null; ipAddress: string | null };

type Texts = {
  subject: string;
  what: (failures: number, at: string, service: string) => string;
  device: (device: string | null, ipAddress: string | null) => string;
  you: string;
  notYou: string;
};

const TEXTS: Record<Locale, Texts> = {
  en: {
    subject: 'New sign-in after many failed attempts',
    what: (failures, at, service) =>
      `On ${at}, someone entered the correct password for your account at ${service} after ${failures} failed attempts.`,
    device: (device, ip) => `Device: ${device ?? 'unknown'}. IP address: ${ip ?? 'unknown'}.`,
    you: 'If this was you, you do not need to do anything.',
    notYou:
      'If this was not you, someone knows your password. Reset it immediately from the sign-in page. This signs out all devices.',
  },
  de: {
    subject: 'Neue Anmeldung nach vielen Fehlversuchen',
    what: (failures, at, service) =>
      `am ${at} wurde nach ${failures} Fehlversuchen das richtige Passwort für Ihr Konto bei ${service} eingegeben.`,
    device: (device, ip) => `Gerät: ${device ?? 'unbekannt'}. IP-Adresse: ${ip ?? 'unbekannt'}.`,
    you: 'Falls Sie das waren, müssen Sie nichts tun.',
    notYou:
      'Falls Sie das nicht waren, kennt jemand Ihr Passwort. Setzen Sie es sofort auf der Anmeldeseite zurück. Dabei werden alle Geräte abgemeldet.',
  },
  es: {
    subject: 'Nuevo inicio de sesión tras muchos intentos fallidos',
    what: (failures, at, service) =>
      `El ${at}, tras ${failures} intentos fallidos, alguien introdujo la contraseña correcta de su cuenta en ${service}.`,
    device: (device, ip) => `Dispositivo: ${device ?? 'desconocido'}. Dirección IP: ${ip ?? 'desconocida'}.`,
    you: 'Si ha sido usted, no tiene que hacer nada.',
    notYou:
      'Si no ha sido usted, alguien conoce su contraseña. Restablézcala de inmediato desde la página de inicio de sesión. Así se cerrará la sesión en todos los dispositivos.',
  },
  fr: {
    subject: 'Nouvelle connexion après de nombreux échecs',
    what: (failures, at, service) =>
      `Le ${at}, après ${failures} tentatives infructueuses, quelqu’un a saisi le bon mot de passe de votre compte sur ${service}.`,
    device: (device, ip) => `Appareil\u00a0: ${device ?? 'inconnu'}. Adresse IP\u00a0: ${ip ?? 'inconnue'}.`,
    you: 'Si c’était vous, vous n’avez rien à faire.',
    notYou:
      'Si ce n’était pas vous, quelqu’un connaît votre mot de passe. Réinitialisez-le immédiatement depuis la page de connexion. Tous les appareils seront alors déconnectés.',
  },
};

export function signInAfterFailuresEmail({ failures, at, ...mail }: Addressee & SignIn): Mail {
  const { userAgent, ipAddress: address, ...to } = mail;
  const texts = TEXTS[to.locale];
  const { device, ipAddress } = describeDevice({ userAgent, ipAddress: address });
  const values = { at, failures: String(failures), device, ipAddress };
  return composeMail(to, {
    mail: 'sign-in-after-failures',
    values,
    subject: texts.subject,
    blocks: [
      texts.what(failures, formatMoment(at, to.locale), to.service),
      texts.device(device, ipAddress),
      texts.you,
      texts.notYou,
    ],
  });
}

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
  /** The same where passwords do not sign in: the session is from before. */
  whatWithoutPasswords: (failures: number, at: string, service: string) => string;
  notYouWithoutPasswords: string;
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
    whatWithoutPasswords: (failures, at, service) =>
      `On ${at}, someone signed in to your account at ${service} after ${failures} failed attempts.`,
    notYouWithoutPasswords:
      'If this was not you, someone has access to your account. Sign in and sign out everywhere immediately.',
  },
  de: {
    subject: 'Neue Anmeldung nach vielen Fehlversuchen',
    what: (failures, at, service) =>
      `am ${at} wurde nach ${failures} Fehlversuchen das richtige Passwort für Ihr Konto bei ${service} eingegeben.`,
    device: (device, ip) => `Gerät: ${device ?? 'unbekannt'}. IP-Adresse: ${ip ?? 'unbekannt'}.`,
    you: 'Falls Sie das waren, müssen Sie nichts tun.',
    notYou:
      'Falls Sie das nicht waren, kennt jemand Ihr Passwort. Setzen Sie es sofort auf der Anmeldeseite zurück. Dabei werden alle Geräte abgemeldet.',
    whatWithoutPasswords: (failures, at, service) =>
      `am ${at} hat sich jemand nach ${failures} Fehlversuchen mit Ihrem Konto bei ${service} angemeldet.`,
    notYouWithoutPasswords:
      'Falls Sie das nicht waren, hat jemand Zugriff auf Ihr Konto. Melden Sie sich sofort an und dann überall ab.',
  },
  es: {
    subject: 'Nuevo inicio de sesión tras muchos intentos fallidos',
    what: (failures, at, service) =>
      `El ${at}, tras ${failures} intentos fallidos, alguien introdujo la contraseña correcta de su cuenta en ${service}.`,
    device: (device, ip) => `Dispositivo: ${device ?? 'desconocido'}. Dirección IP: ${ip ?? 'desconocida'}.`,
    you: 'Si ha sido usted, no tiene que hacer nada.',
    notYou:
      'Si no ha sido usted, alguien conoce su contraseña. Restablézcala de inmediato desde la página de inicio de sesión. Así se cerrará la sesión en todos los dispositivos.',
    whatWithoutPasswords: (failures, at, service) =>
      `El ${at}, tras ${failures} intentos fallidos, alguien inició sesión en su cuenta de ${service}.`,
    notYouWithoutPasswords:
      'Si no ha sido usted, alguien tiene acceso a su cuenta. Inicie sesión de inmediato y ciérrela en todos los dispositivos.',
  },
  fr: {
    subject: 'Nouvelle connexion après de nombreux échecs',
    what: (failures, at, service) =>
      `Le ${at}, après ${failures} tentatives infructueuses, quelqu’un a saisi le bon mot de passe de votre compte sur ${service}.`,
    device: (device, ip) => `Appareil\u00a0: ${device ?? 'inconnu'}. Adresse IP\u00a0: ${ip ?? 'inconnue'}.`,
    you: 'Si c’était vous, vous n’avez rien à faire.',
    notYou:
      'Si ce n’était pas vous, quelqu’un connaît votre mot de passe. Réinitialisez-le immédiatement depuis la page de connexion. Tous les appareils seront alors déconnectés.',
    whatWithoutPasswords: (failures, at, service) =>
      `Le ${at}, après ${failures} tentatives infructueuses, quelqu’un s’est connecté à votre compte sur ${service}.`,
    notYouWithoutPasswords:
      'Si ce n’était pas vous, quelqu’un a accès à votre compte. Connectez-vous immédiatement, puis déconnectez tous les appareils.',
  },
};

export function signInAfterFailuresEmail({ failures, at, ...mail }: Addressee & SignIn): Mail {
  const { userAgent, ipAddress: address, ...to } = mail;
  const texts = TEXTS[to.locale];
  const { device, ipAddress } = describeDevice({ userAgent, ipAddress: address });
  const values = { at, failures: String(failures), device, ipAddress };
  const [what, notYou] =
    to.hasPasswords === false ? [texts.whatWithoutPasswords, texts.notYouWithoutPasswords] : [texts.what, texts.notYou];
  return composeMail(to, {
    mail: 'sign-in-after-failures',
    values,
    subject: texts.subject,
    blocks: [
      what(failures, formatMoment(at, to.locale), to.service),
      texts.device(device, ipAddress),
      texts.you,
      notYou,
    ],
  });
}

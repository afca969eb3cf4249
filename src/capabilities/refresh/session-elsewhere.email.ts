/**
 * Notifies the owner that a session whose token does not change was used elsewhere, or was refused there. Each of the
 * two emails is sent once per session.
 */

import { describeDevice } from '#core/input/device.ts';
import { formatMoment, type Locale } from '#core/locale.ts';
import { type Addressee, composeMail, type Mail } from '#core/mail/mail.ts';

/** Where the session was used; `isRefused` if that was another device than the one it began on. */
type Seen = { at: Date; userAgent: string | null; ipAddress: string | null; isRefused: boolean };

type Texts = {
  used: { subject: string; what: (at: string, service: string) => string };
  refused: { subject: string; what: (at: string, service: string) => string };
  details: (device: string | null, ipAddress: string | null) => string;
  wasYou: string;
  wasNotYou: string;
  /** The same where passwords do not sign in. */
  wasNotYouWithoutPasswords: string;
};

const TEXTS: Record<Locale, Texts> = {
  en: {
    used: {
      subject: 'Your session was used from another network',
      what: (at, service) =>
        `On ${at}, a session of your account at ${service} was used from a different network than the one where you signed in.`,
    },
    refused: {
      subject: 'We blocked your session on another device',
      what: (at, service) =>
        `On ${at}, someone tried to use a session of your account at ${service} on a different device than the one where you signed in. We blocked the attempt.`,
    },
    details: (device, ip) => `Device: ${device ?? 'unknown'}. IP address: ${ip ?? 'unknown'}.`,
    wasYou: 'If this was you, you do not need to do anything. You get this email only once per session.',
    wasNotYou:
      'If this was not you, someone may have copied your sign-in token. Change your password and sign out everywhere.',
    wasNotYouWithoutPasswords: 'If this was not you, someone may have copied your sign-in token. Sign out everywhere.',
  },
  de: {
    used: {
      subject: 'Ihre Sitzung wurde aus einem anderen Netz verwendet',
      what: (at, service) =>
        `am ${at} wurde eine Sitzung Ihres Kontos bei ${service} aus einem anderen Netz verwendet als dem, in dem Sie sich angemeldet haben.`,
    },
    refused: {
      subject: 'Wir haben Ihre Sitzung auf einem anderen Gerät blockiert',
      what: (at, service) =>
        `am ${at} hat jemand versucht, eine Sitzung Ihres Kontos bei ${service} auf einem anderen Gerät zu verwenden als dem, auf dem Sie sich angemeldet haben. Wir haben den Versuch blockiert.`,
    },
    details: (device, ip) => `Gerät: ${device ?? 'unbekannt'}. IP-Adresse: ${ip ?? 'unbekannt'}.`,
    wasYou: 'Falls Sie das waren, müssen Sie nichts tun. Diese E-Mail erhalten Sie nur einmal pro Sitzung.',
    wasNotYou:
      'Falls Sie das nicht waren, hat möglicherweise jemand Ihr Anmelde-Token kopiert. Ändern Sie Ihr Passwort und melden Sie sich überall ab.',
    wasNotYouWithoutPasswords:
      'Falls Sie das nicht waren, hat möglicherweise jemand Ihr Anmelde-Token kopiert. Melden Sie sich überall ab.',
  },
  es: {
    used: {
      subject: 'Su sesión se ha usado desde otra red',
      what: (at, service) =>
        `El ${at} se usó una sesión de su cuenta en ${service} desde una red distinta de aquella en la que inició sesión.`,
    },
    refused: {
      subject: 'Hemos bloqueado su sesión en otro dispositivo',
      what: (at, service) =>
        `El ${at} alguien intentó usar una sesión de su cuenta en ${service} en un dispositivo distinto de aquel en el que inició sesión. Hemos bloqueado el intento.`,
    },
    details: (device, ip) => `Dispositivo: ${device ?? 'desconocido'}. Dirección IP: ${ip ?? 'desconocida'}.`,
    wasYou: 'Si ha sido usted, no tiene que hacer nada. Recibirá este mensaje una sola vez por sesión.',
    wasNotYou:
      'Si no ha sido usted, es posible que alguien haya copiado su token de inicio de sesión. Cambie su contraseña y cierre la sesión en todos los dispositivos.',
    wasNotYouWithoutPasswords:
      'Si no ha sido usted, es posible que alguien haya copiado su token de inicio de sesión. Cierre la sesión en todos los dispositivos.',
  },
  fr: {
    used: {
      subject: 'Votre session a été utilisée depuis un autre réseau',
      what: (at, service) =>
        `Le ${at}, une session de votre compte sur ${service} a été utilisée depuis un autre réseau que celui où vous vous êtes connecté.`,
    },
    refused: {
      subject: 'Nous avons bloqué votre session sur un autre appareil',
      what: (at, service) =>
        `Le ${at}, quelqu’un a tenté d’utiliser une session de votre compte sur ${service} sur un autre appareil que celui où vous vous êtes connecté. Nous avons bloqué cette tentative.`,
    },
    details: (device, ip) => `Appareil\u00a0: ${device ?? 'inconnu'}. Adresse IP\u00a0: ${ip ?? 'inconnue'}.`,
    wasYou: 'Si c’était vous, vous n’avez rien à faire. Vous recevez cet e-mail une seule fois par session.',
    wasNotYou:
      'Si ce n’était pas vous, quelqu’un a peut-être copié votre jeton de connexion. Changez votre mot de passe et déconnectez-vous de tous vos appareils.',
    wasNotYouWithoutPasswords:
      'Si ce n’était pas vous, quelqu’un a peut-être copié votre jeton de connexion. Déconnectez-vous de tous vos appareils.',
  },
};

export function sessionElsewhereEmail({ at, userAgent, ipAddress: address, isRefused, ...to }: Addressee & Seen): Mail {
  const texts = TEXTS[to.locale];
  const { subject, what } = isRefused ? texts.refused : texts.used;
  const { device, ipAddress } = describeDevice({ userAgent, ipAddress: address });
  return composeMail(to, {
    mail: isRefused ? 'session-refused' : 'session-elsewhere',
    values: { at, device, ipAddress },
    subject,
    blocks: [
      what(formatMoment(at, to.locale), to.service),
      texts.details(device, ipAddress),
      texts.wasYou,
      to.hasPasswords === false ? texts.wasNotYouWithoutPasswords : texts.wasNotYou,
    ],
  });
}

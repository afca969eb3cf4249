/**
 * Tells the owner that a session whose token does not change is used from elsewhere, or was refused there. Each of
 * the two is sent once a session.
 */

import { describeDevice } from '#core/input/device.ts';
import { formatMoment, type Locale } from '#core/locale.ts';
import { type Addressee, composeMail, type Mail } from '#core/mail/mail.ts';

/** Where it was seen; `isRefused` on another device than it began on. */
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
      subject: 'Your session was used from another place',
      what: (at, service) =>
        `On ${at}, a session of your account at ${service} was used from a different network than the one where you signed in.`,
    },
    refused: {
      subject: 'We refused the use of your session on another device',
      what: (at, service) =>
        `On ${at}, someone tried to use a session of your account at ${service} on a different device than the one where you signed in. We refused it.`,
    },
    details: (device, ip) => `Seen: ${device ?? 'unknown device'}, IP address ${ip ?? 'unknown'}.`,
    wasYou: 'If that was you, there is nothing to do. You get this email once for each session.',
    wasNotYou:
      'If it was not you, someone may have copied your sign-in token: change your password and sign out everywhere.',
    wasNotYouWithoutPasswords: 'If it was not you, someone may have copied your sign-in token: sign out everywhere.',
  },
  de: {
    used: {
      subject: 'Ihre Sitzung wird von einem anderen Ort aus verwendet',
      what: (at, service) =>
        `am ${at} wurde eine Sitzung Ihres Kontos bei ${service} aus einem anderen Netz verwendet als dem, in dem Sie sich angemeldet haben.`,
    },
    refused: {
      subject: 'Wir haben Ihre Sitzung auf einem anderen Gerät abgewiesen',
      what: (at, service) =>
        `am ${at} hat jemand versucht, eine Sitzung Ihres Kontos bei ${service} auf einem anderen Gerät zu verwenden als dem, auf dem Sie sich angemeldet haben. Wir haben das abgewiesen.`,
    },
    details: (device, ip) => `Gesehen: ${device ?? 'unbekanntes Gerät'}, IP-Adresse ${ip ?? 'unbekannt'}.`,
    wasYou: 'Wenn Sie das waren, müssen Sie nichts tun. Diese E-Mail erhalten Sie einmal je Sitzung.',
    wasNotYou:
      'Wenn Sie das nicht waren, hat vielleicht jemand Ihr Anmelde-Token kopiert: Ändern Sie Ihr Passwort und melden Sie sich überall ab.',
    wasNotYouWithoutPasswords:
      'Wenn Sie das nicht waren, hat vielleicht jemand Ihr Anmelde-Token kopiert: Melden Sie sich überall ab.',
  },
  es: {
    used: {
      subject: 'Su sesión se usa desde otro lugar',
      what: (at, service) =>
        `El ${at} se usó una sesión de su cuenta en ${service} desde una red distinta de aquella en la que inició sesión.`,
    },
    refused: {
      subject: 'Hemos rechazado el uso de su sesión en otro dispositivo',
      what: (at, service) =>
        `El ${at} alguien intentó usar una sesión de su cuenta en ${service} en un dispositivo distinto de aquel en el que inició sesión. Lo hemos rechazado.`,
    },
    details: (device, ip) => `Visto: ${device ?? 'dispositivo desconocido'}, dirección IP ${ip ?? 'desconocida'}.`,
    wasYou: 'Si fue usted, no tiene que hacer nada. Recibirá este mensaje una sola vez por sesión.',
    wasNotYou:
      'Si no fue usted, es posible que alguien haya copiado su token de inicio de sesión: cambie su contraseña y cierre sesión en todos los dispositivos.',
    wasNotYouWithoutPasswords:
      'Si no fue usted, es posible que alguien haya copiado su token de inicio de sesión: cierre sesión en todos los dispositivos.',
  },
  fr: {
    used: {
      subject: 'Votre session est utilisée depuis un autre endroit',
      what: (at, service) =>
        `Le ${at}, une session de votre compte sur ${service} a été utilisée depuis un autre réseau que celui où vous vous êtes connecté.`,
    },
    refused: {
      subject: 'Nous avons refusé l’utilisation de votre session sur un autre appareil',
      what: (at, service) =>
        `Le ${at}, quelqu’un a tenté d’utiliser une session de votre compte sur ${service} sur un autre appareil que celui où vous vous êtes connecté. Nous l’avons refusé.`,
    },
    details: (device, ip) => `Vu\u00a0: ${device ?? 'appareil inconnu'}, adresse IP ${ip ?? 'inconnue'}.`,
    wasYou: 'Si c’était vous, vous n’avez rien à faire. Vous recevez cet e-mail une seule fois par session.',
    wasNotYou:
      'Si ce n’était pas vous, quelqu’un a peut-être copié votre jeton de connexion\u00a0: changez votre mot de passe et déconnectez-vous partout.',
    wasNotYouWithoutPasswords:
      'Si ce n’était pas vous, quelqu’un a peut-être copié votre jeton de connexion\u00a0: déconnectez-vous partout.',
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

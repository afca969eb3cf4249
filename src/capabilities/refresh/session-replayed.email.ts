/** Tells the owner that a spent refresh token was used again, which ended the session: it may have been stolen. */

import { describeDevice } from '#core/input/device.ts';
import { formatMoment, type Locale } from '#core/locale.ts';
import { type Addressee, composeMail, type Mail } from '#core/mail/mail.ts';

type Replay = { at: Date; userAgent: string | null; ipAddress: string | null };

type Texts = {
  subject: string;
  what: (at: string, service: string) => string;
  ended: string;
  details: (device: string | null, ipAddress: string | null) => string;
  unsure: string;
  /** The same where passwords do not sign in. */
  unsureWithoutPasswords: string;
};

const TEXTS: Record<Locale, Texts> = {
  en: {
    subject: 'We ended one of your sessions for your security',
    what: (at, service) =>
      `On ${at}, a sign-in token of your account at ${service} was used a second time. Each token is meant to be used only once.`,
    ended:
      'Someone may have copied it, so we ended this session. Your other sessions are not affected. Sign in again on the device concerned.',
    details: (device, ip) => `The session: ${device ?? 'unknown device'}, IP address ${ip ?? 'unknown'}.`,
    unsure: 'If in doubt, change your password.',
    unsureWithoutPasswords: 'If in doubt, sign out everywhere.',
  },
  de: {
    subject: 'Wir haben eine Ihrer Sitzungen zur Sicherheit beendet',
    what: (at, service) =>
      `am ${at} wurde ein Anmelde-Token Ihres Kontos bei ${service} ein zweites Mal verwendet. Jedes Token ist nur für eine einmalige Verwendung bestimmt.`,
    ended:
      'Möglicherweise hat es jemand kopiert. Deshalb haben wir diese Sitzung beendet. Ihre anderen Sitzungen sind nicht betroffen. Melden Sie sich auf dem betroffenen Gerät bitte neu an.',
    details: (device, ip) => `Die Sitzung: ${device ?? 'unbekanntes Gerät'}, IP-Adresse ${ip ?? 'unbekannt'}.`,
    unsure: 'Ändern Sie im Zweifel Ihr Passwort.',
    unsureWithoutPasswords: 'Melden Sie sich im Zweifel überall ab.',
  },
  es: {
    subject: 'Hemos cerrado una de sus sesiones por seguridad',
    what: (at, service) =>
      `El ${at} se usó por segunda vez un token de inicio de sesión de su cuenta en ${service}. Cada token está pensado para usarse una sola vez.`,
    ended:
      'Es posible que alguien lo haya copiado, por lo que hemos cerrado esta sesión. Sus demás sesiones no se ven afectadas. Vuelva a iniciar sesión en el dispositivo afectado.',
    details: (device, ip) => `La sesión: ${device ?? 'dispositivo desconocido'}, dirección IP ${ip ?? 'desconocida'}.`,
    unsure: 'En caso de duda, cambie su contraseña.',
    unsureWithoutPasswords: 'En caso de duda, cierre sesión en todos los dispositivos.',
  },
  fr: {
    subject: 'Nous avons fermé une de vos sessions par mesure de sécurité',
    what: (at, service) =>
      `Le ${at}, un jeton de connexion de votre compte sur ${service} a été utilisé une seconde fois. Chaque jeton ne doit être utilisé qu’une seule fois.`,
    ended:
      'Quelqu’un l’a peut-être copié\u00a0: nous avons donc fermé cette session. Vos autres sessions ne sont pas concernées. Reconnectez-vous sur l’appareil en question.',
    details: (device, ip) => `La session\u00a0: ${device ?? 'appareil inconnu'}, adresse IP ${ip ?? 'inconnue'}.`,
    unsure: 'En cas de doute, changez votre mot de passe.',
    unsureWithoutPasswords: 'En cas de doute, déconnectez-vous partout.',
  },
};

export function sessionReplayedEmail({ at, userAgent, ipAddress: address, ...to }: Addressee & Replay): Mail {
  const texts = TEXTS[to.locale];
  const { device, ipAddress } = describeDevice({ userAgent, ipAddress: address });
  const values = { at, device, ipAddress };
  return composeMail(to, {
    mail: 'session-replayed',
    values,
    subject: texts.subject,
    blocks: [
      texts.what(formatMoment(at, to.locale), to.service),
      texts.ended,
      texts.details(device, ipAddress),
      to.hasPasswords === false ? texts.unsureWithoutPasswords : texts.unsure,
    ],
  });
}

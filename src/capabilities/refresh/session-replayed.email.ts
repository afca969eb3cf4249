/** Tells the owner that an old refresh token was used again, which ended the session: its token may have been stolen. */
import { formatMoment, type Locale } from '#core/locale.ts';
import { type Addressee, composeMail, type Mail } from '#core/mail/mail.ts';
import { describeDevice } from '#core/sessions/device.ts';

type Replay = { at: Date; userAgent: string | null; ipAddress: string | null };

type Texts = {
  subject: string;
  what: (at: string) => string;
  ended: string;
  details: (device: string | null, ipAddress: string | null) => string;
  unsure: string;
};

const TEXTS: Record<Locale, Texts> = {
  en: {
    subject: 'One of your sessions was ended for safety',
    what: (at) => `A sign-in token of your account that had already been used was used a second time on ${at}.`,
    ended:
      'Somebody may have copied it, so we ended this session. Your other sessions continue; on the device concerned, sign in again.',
    details: (device, ip) => `The session: ${device ?? 'unknown device'}, IP address ${ip ?? 'unknown'}.`,
    unsure: 'If you are unsure, change your password.',
  },
  de: {
    subject: 'Eine Ihrer Sitzungen wurde zur Sicherheit beendet',
    what: (at) => `ein bereits verbrauchtes Anmelde-Token Ihres Kontos wurde ein zweites Mal verwendet: ${at}.`,
    ended:
      'Möglicherweise hat es jemand kopiert, daher haben wir diese Sitzung beendet. Ihre anderen Sitzungen bestehen weiter; melden Sie sich auf dem betroffenen Gerät neu an.',
    details: (device, ip) => `Die Sitzung: ${device ?? 'unbekanntes Gerät'}, Netzwerkadresse ${ip ?? 'unbekannt'}.`,
    unsure: 'Wenn Sie unsicher sind, ändern Sie Ihr Passwort.',
  },
  es: {
    subject: 'Hemos cerrado una de sus sesiones por seguridad',
    what: (at) => `Un token de inicio de sesión de su cuenta que ya se había usado se ha usado por segunda vez: ${at}.`,
    ended:
      'Es posible que alguien lo haya copiado, por lo que hemos cerrado esta sesión. Sus demás sesiones siguen abiertas; en el dispositivo afectado, inicie sesión de nuevo.',
    details: (device, ip) =>
      `La sesión: ${device ?? 'dispositivo desconocido'}, dirección de red ${ip ?? 'desconocida'}.`,
    unsure: 'Si tiene dudas, cambie su contraseña.',
  },
  fr: {
    subject: 'Une de vos sessions a été fermée par sécurité',
    what: (at) => `Un jeton de connexion de votre compte, déjà utilisé, a été utilisé une seconde fois\u00a0: ${at}.`,
    ended:
      'Quelqu’un l’a peut-être copié, nous avons donc fermé cette session. Vos autres sessions restent ouvertes\u00a0; reconnectez-vous sur l’appareil concerné.',
    details: (device, ip) => `La session\u00a0: ${device ?? 'appareil inconnu'}, adresse réseau ${ip ?? 'inconnue'}.`,
    unsure: 'En cas de doute, changez votre mot de passe.',
  },
};

export function sessionReplayedEmail({ at, userAgent, ipAddress: address, ...to }: Addressee & Replay): Mail {
  const texts = TEXTS[to.locale];
  const { device, ipAddress } = describeDevice({ userAgent, ipAddress: address });
  return composeMail(to, texts.subject, [
    texts.what(formatMoment(at, to.locale)),
    texts.ended,
    texts.details(device, ipAddress),
    texts.unsure,
  ]);
}

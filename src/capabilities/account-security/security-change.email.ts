/**
 * Notifies the owner that something about how they sign in has changed. One email for all such changes: what happened,
 * from where, and the link that undoes it.
 */

import { describeDevice } from '#core/input/device.ts';
import { formatMoment, type Locale } from '#core/locale.ts';
import { type Addressee, composeMail, type Mail } from '#core/mail/mail.ts';
import { dashed } from '#core/mail/mail-values.ts';
import type { SecurityChangeKind } from '#core/second-factors/security-change.ts';
import { SECURITY_CHANGE_TEXTS } from './security-change-texts.email.ts';

type Seen = { userAgent: string | null; ipAddress: string | null };
type Change = Seen & {
  kind: SecurityChangeKind;
  at: Date;
  /** When the factors will be removed, for a request that waits. */
  resetsAt: Date | null;
  link: string;
  linkEndsAt: Date;
};

type Frame = {
  details: (device: string | null, ipAddress: string | null) => string;
  wasYou: string;
  notYou: string;
  /** The same where passwords do not sign in. */
  notYouWithoutPasswords: string;
  until: (end: string) => string;
  button: string;
};

const FRAME: Record<Locale, Frame> = {
  en: {
    details: (device, ip) => `It came from: ${device ?? 'an unknown device'}, IP address ${ip ?? 'unknown'}.`,
    wasYou: 'If this was you, you do not need to do anything.',
    notYou:
      'If this was not you, someone else is using your account. The link below undoes this change and everything of the kind that was done after it, signs out all devices, and makes the password invalid. We will then email you a link to choose a new one.',
    notYouWithoutPasswords:
      'If this was not you, someone else is using your account. The link below undoes this change and everything of the kind that was done after it, and signs out all devices.',
    until: (end) => `The link is valid until ${end}.`,
    button: 'This was not me',
  },
  de: {
    details: (device, ip) => `Es kam von: ${device ?? 'unbekanntes Gerät'}, IP-Adresse ${ip ?? 'unbekannt'}.`,
    wasYou: 'Falls Sie das waren, müssen Sie nichts tun.',
    notYou:
      'Falls Sie das nicht waren, benutzt jemand anderes Ihr Konto. Der folgende Link macht diese Änderung und alle späteren dieser Art rückgängig, meldet alle Geräte ab und macht das Passwort ungültig. Danach erhalten Sie einen Link, um ein neues zu wählen.',
    notYouWithoutPasswords:
      'Falls Sie das nicht waren, benutzt jemand anderes Ihr Konto. Der folgende Link macht diese Änderung und alle späteren dieser Art rückgängig und meldet alle Geräte ab.',
    until: (end) => `Der Link ist bis zum ${end} gültig.`,
    button: 'Das war ich nicht',
  },
  es: {
    details: (device, ip) =>
      `Procede de: ${device ?? 'un dispositivo desconocido'}, dirección IP ${ip ?? 'desconocida'}.`,
    wasYou: 'Si ha sido usted, no tiene que hacer nada.',
    notYou:
      'Si no ha sido usted, otra persona está usando su cuenta. El siguiente enlace deshace este cambio y todos los posteriores del mismo tipo, cierra la sesión en todos los dispositivos e invalida la contraseña. Después le enviaremos un enlace para elegir una nueva.',
    notYouWithoutPasswords:
      'Si no ha sido usted, otra persona está usando su cuenta. El siguiente enlace deshace este cambio y todos los posteriores del mismo tipo y cierra la sesión en todos los dispositivos.',
    until: (end) => `El enlace es válido hasta el ${end}.`,
    button: 'No he sido yo',
  },
  fr: {
    details: (device, ip) => `Provenance\u00a0: ${device ?? 'appareil inconnu'}, adresse IP ${ip ?? 'inconnue'}.`,
    wasYou: 'Si c’était vous, vous n’avez rien à faire.',
    notYou:
      'Si ce n’était pas vous, quelqu’un d’autre utilise votre compte. Le lien ci-dessous annule cette modification et toutes celles du même type qui l’ont suivie, déconnecte tous les appareils et invalide le mot de passe. Nous vous enverrons ensuite un lien pour en choisir un nouveau.',
    notYouWithoutPasswords:
      'Si ce n’était pas vous, quelqu’un d’autre utilise votre compte. Le lien ci-dessous annule cette modification et toutes celles du même type qui l’ont suivie, et déconnecte tous les appareils.',
    until: (end) => `Ce lien est valable jusqu’au ${end}.`,
    button: 'Ce n’était pas moi',
  },
};

/** A change, with the link that undoes it. */
export function securityChangeEmail({ kind, at, resetsAt, link, linkEndsAt, ...rest }: Addressee & Change): Mail {
  const { userAgent, ipAddress: address, ...to } = rest;
  const frame = FRAME[to.locale];
  const { subject, what } = SECURITY_CHANGE_TEXTS[to.locale][kind];
  const moment = (time: Date) => formatMoment(time, to.locale);
  const { device, ipAddress } = describeDevice({ userAgent, ipAddress: address });
  const values = { at, device, ipAddress, link, linkEndsAt, resetsAt };
  return composeMail(to, {
    mail: dashed(kind),
    values,
    subject,
    blocks: [
      what(moment(at), to.service, moment(resetsAt ?? at)),
      ...(userAgent === null && address === null ? [] : [frame.details(device, ipAddress)]),
      frame.wasYou,
      to.hasPasswords === false ? frame.notYouWithoutPasswords : frame.notYou,
      { label: frame.button, url: link },
      frame.until(moment(linkEndsAt)),
    ],
  });
}

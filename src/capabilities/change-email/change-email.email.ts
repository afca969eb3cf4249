/** The email that verifies the new address of an account. Contains a code and a link; either is enough. */
import type { AddressWarning } from '#core/accounts/former-address.ts';
import { formatCount, type Locale } from '#core/locale.ts';
import { type Addressee, codeSubject, composeMail, type Mail } from '#core/mail/mail.ts';

type Proof = {
  code: string;
  link: string;
  codeMinutes: number;
  linkMinutes: number;
  /** Who else can take the account back. */
  warning: AddressWarning;
};

type Texts = {
  subject: string;
  why: (service: string) => string;
  code: (minutes: string) => string;
  link: (minutes: string) => string;
  button: string;
  notYou: string;
};

const TEXTS: Record<Locale, Texts> = {
  en: {
    subject: 'Confirm your new email address',
    why: (service) =>
      `Someone, probably you, asked to use this email address for an existing account at ${service}. Please confirm that it is yours.`,
    code: (minutes) => `Enter this code to confirm the address. It is valid for ${minutes}.`,
    link: (minutes) => `Or use the link below. It is valid for ${minutes}.`,
    button: 'Confirm new address',
    notYou: 'If you did not request this, ignore this message. The account keeps its current address.',
  },
  de: {
    subject: 'Bestätigen Sie Ihre neue E-Mail-Adresse',
    why: (service) =>
      `jemand, vermutlich Sie, möchte diese E-Mail-Adresse für ein bestehendes Konto bei ${service} verwenden. Bitte bestätigen Sie, dass sie Ihnen gehört.`,
    code: (minutes) => `Geben Sie diesen Code ein, um die Adresse zu bestätigen. Er ist ${minutes} gültig.`,
    link: (minutes) => `Oder verwenden Sie den folgenden Link. Er ist ${minutes} gültig.`,
    button: 'Neue Adresse bestätigen',
    notYou:
      'Falls Sie das nicht veranlasst haben, ignorieren Sie diese Nachricht. Das Konto behält seine bisherige Adresse.',
  },
  es: {
    subject: 'Confirme su nueva dirección de correo electrónico',
    why: (service) =>
      `Alguien, probablemente usted, ha solicitado usar esta dirección de correo en una cuenta existente de ${service}. Confirme que es suya.`,
    code: (minutes) => `Introduzca este código para confirmar la dirección. Es válido durante ${minutes}.`,
    link: (minutes) => `También puede usar el siguiente enlace. Es válido durante ${minutes}.`,
    button: 'Confirmar la nueva dirección',
    notYou: 'Si usted no lo ha solicitado, ignore este mensaje. La cuenta conservará su dirección actual.',
  },
  fr: {
    subject: 'Confirmez votre nouvelle adresse e-mail',
    why: (service) =>
      `Quelqu’un, probablement vous, a demandé à utiliser cette adresse e-mail pour un compte existant sur ${service}. Veuillez confirmer qu’elle vous appartient.`,
    code: (minutes) => `Saisissez ce code pour confirmer l’adresse. Il est valable ${minutes}.`,
    link: (minutes) => `Vous pouvez aussi utiliser le lien ci-dessous. Il est valable ${minutes}.`,
    button: 'Confirmer la nouvelle adresse',
    notYou:
      'Si vous n’êtes pas à l’origine de cette demande, ignorez ce message. Le compte conservera son adresse actuelle.',
  },
};

export function changeEmailEmail({
  code,
  link,
  codeMinutes,
  linkMinutes,
  warning: { warning, currentAddress, undoDays },
  ...to
}: Addressee & Proof): Mail {
  const texts = TEXTS[to.locale];
  // If the email was delayed, the code may have expired already; the link is valid for longer.
  const isCodeValid = codeMinutes > 0;
  const values = {
    code: isCodeValid ? code : null,
    codeTime: isCodeValid ? { count: codeMinutes, unit: 'minute' as const } : null,
    link,
    linkTime: { count: linkMinutes, unit: 'minute' as const },
    currentAddress,
    undoTime: { count: undoDays, unit: 'day' as const },
  };
  const subject = isCodeValid ? codeSubject(code, to.locale) : texts.subject;
  return composeMail(to, {
    mail: 'change-email',
    values,
    subject,
    blocks: [
      texts.why(to.service),
      { warning },
      ...(isCodeValid ? [texts.code(formatCount(codeMinutes, 'minute', to.locale)), { code }] : []),
      texts.link(formatCount(linkMinutes, 'minute', to.locale)),
      { label: texts.button, url: link },
      texts.notYou,
    ],
  });
}

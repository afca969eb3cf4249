/**
 * The email that invites someone to an organization. Contains a code and a link; either is enough.
 *
 * People who want our email to say something to strangers can choose the names of the inviter and the organization. So
 * names are shortened, contain nothing that becomes a link, and stand in quotes. The email is the same whether or not
 * the address has an account, so it does not greet anyone by name.
 */
import { formatCount, type Locale } from '#core/locale.ts';
import { displayName } from '#core/mail/display-name.ts';
import { type Addressee, composeMail, type Mail } from '#core/mail/mail.ts';

type InvitationMail = Omit<Addressee, 'name'> & {
  organizationName: string;
  /** Null if the account of the inviter has been deleted. */
  inviterName: string | null;
  code: string;
  link: string;
  /** Whole days left, at least 1. */
  days: number;
};

type Texts = {
  subject: string;
  someone: string;
  anOrganization: string;
  what: (inviter: string, organization: string, service: string) => string;
  code: (days: string) => string;
  link: string;
  button: string;
  notYou: string;
};

const TEXTS: Record<Locale, Texts> = {
  en: {
    subject: 'You have been invited to join an organization',
    someone: 'Someone',
    anOrganization: 'an organization',
    what: (inviter, organization, service) => `${inviter} invites you to join ${organization} on ${service}.`,
    code: (days) => `To accept, sign in with this email address and enter this code. It is valid for ${days}.`,
    link: 'Or open the invitation, where you can also decline it. If you do not have an account yet, it explains how to join.',
    button: 'Open the invitation',
    notYou: 'If you do not know who invited you, ignore this message. Nothing happens unless you accept.',
  },
  de: {
    subject: 'Sie wurden in eine Organisation eingeladen',
    someone: 'Jemand',
    anOrganization: 'einer Organisation',
    what: (inviter, organization, service) => `${inviter} lädt Sie ein, ${organization} auf ${service} beizutreten.`,
    code: (days) =>
      `Um die Einladung anzunehmen, melden Sie sich mit dieser E-Mail-Adresse an und geben Sie diesen Code ein. Er ist ${days} gültig.`,
    link: 'Oder öffnen Sie die Einladung. Dort können Sie sie auch ablehnen und erfahren, wie Sie beitreten, falls Sie noch kein Konto haben.',
    button: 'Einladung öffnen',
    notYou:
      'Falls Sie nicht wissen, wer Sie eingeladen hat, ignorieren Sie diese Nachricht. Solange Sie nicht annehmen, passiert nichts.',
  },
  es: {
    subject: 'Ha recibido una invitación a una organización',
    someone: 'Alguien',
    anOrganization: 'una organización',
    what: (inviter, organization, service) => `${inviter} le invita a unirse a ${organization} en ${service}.`,
    code: (days) =>
      `Para aceptar, inicie sesión con esta dirección de correo e introduzca este código. Es válido durante ${days}.`,
    link: 'También puede abrir la invitación, donde puede rechazarla o ver cómo unirse si todavía no tiene una cuenta.',
    button: 'Abrir la invitación',
    notYou: 'Si no sabe quién le ha invitado, ignore este mensaje. No ocurrirá nada a menos que acepte.',
  },
  fr: {
    subject: 'Invitation à rejoindre une organisation',
    someone: 'Quelqu’un',
    anOrganization: 'une organisation',
    what: (inviter, organization, service) => `${inviter} vous invite à rejoindre ${organization} sur ${service}.`,
    code: (days) =>
      `Pour accepter, connectez-vous avec cette adresse e-mail et saisissez ce code. Il est valable ${days}.`,
    link: 'Vous pouvez aussi ouvrir l’invitation pour la refuser, ou pour savoir comment l’accepter si vous n’avez pas encore de compte.',
    button: 'Ouvrir l’invitation',
    notYou:
      'Si vous ne savez pas de qui vient cette invitation, ignorez ce message. Rien ne se passera sans votre accord.',
  },
};

const QUOTES: Record<Locale, [string, string]> = {
  en: ['“', '”'],
  de: ['„', '“'],
  es: ['«', '»'],
  fr: ['«\u00a0', '\u00a0»'],
};

export function invitationEmail(mail: InvitationMail): Mail {
  const { organizationName, inviterName, code, link, days, ...to } = mail;
  const { locale } = to;
  const texts = TEXTS[locale];
  // In quotes, so that a name does not read like part of our text.
  const named = (name: string | null, otherwise: string) => {
    const shown = displayName(name ?? '');
    return shown === '' ? otherwise : QUOTES[locale].join(shown);
  };
  const what = texts.what(named(inviterName, texts.someone), named(organizationName, texts.anOrganization), to.service);
  const codeTime = { count: days, unit: 'day' as const };
  const values = { inviter: inviterName, organization: organizationName, code, codeTime, link };
  return composeMail(
    { ...to, name: '' },
    {
      mail: 'invitation',
      values,
      subject: texts.subject,
      blocks: [
        what,
        texts.code(formatCount(days, 'day', locale)),
        { code },
        texts.link,
        { label: texts.button, url: link },
        texts.notYou,
      ],
    },
  );
}

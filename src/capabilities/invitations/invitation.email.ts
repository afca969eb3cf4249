/**
 * The email that invites an address to an organization: a code to type and a link; either is enough.
 *
 * The names of inviter and organization are chosen by people who may want an email of ours to say something to strangers:
 * they are cut short, made of nothing that becomes a link, and stand in quotes. It is the same email whether or not the
 * address has an account, so it greets nobody by name.
 */
import type { Locale } from '#core/locale.ts';
import { composeMail, displayName, type Mail } from '#core/mail/mail.ts';

type InvitationMail = {
  to: string;
  locale: Locale;
  organizationName: string;
  /** Null when the account of the inviter is gone. */
  inviterName: string | null;
  publicUrl: string;
  code: string;
  link: string;
  /** Whole days that are left, at least 1. */
  days: number;
};

type Texts = {
  subject: string;
  someone: string;
  anOrganization: string;
  what: (inviter: string, organization: string, service: string) => string;
  code: (days: number) => string;
  link: string;
  button: string;
  notYou: string;
};

const TEXTS: Record<Locale, Texts> = {
  en: {
    subject: 'You have been invited',
    someone: 'Somebody',
    anOrganization: 'an organization',
    what: (inviter, organization, service) => `${inviter} invites you to join ${organization} on ${service}.`,
    code: (days) =>
      `To accept, sign in with this address and enter this code where you are asked for it. It is valid for ${plural(days, 'day', 'days')}.`,
    link: 'Or open the invitation. There you can also decline it, and read how to join if you have no account yet.',
    button: 'Open the invitation',
    notYou: 'If you do not know who invites you, ignore this message: nothing happens unless you accept.',
  },
  de: {
    subject: 'Sie wurden eingeladen',
    someone: 'Jemand',
    anOrganization: 'einer Organisation',
    what: (inviter, organization, service) => `${inviter} lädt Sie ein, ${organization} auf ${service} beizutreten.`,
    code: (days) =>
      `Um anzunehmen, melden Sie sich mit dieser Adresse an und geben diesen Code dort ein, wo danach gefragt wird. Er gilt ${plural(days, 'Tag', 'Tage')}.`,
    link: 'Oder öffnen Sie die Einladung. Dort können Sie sie auch ablehnen und lesen, wie Sie beitreten, falls Sie noch kein Konto haben.',
    button: 'Einladung öffnen',
    notYou:
      'Falls Sie nicht wissen, wer Sie einlädt, ignorieren Sie diese Nachricht: Ohne Ihre Zusage geschieht nichts.',
  },
  es: {
    subject: 'Ha recibido una invitación',
    someone: 'Alguien',
    anOrganization: 'una organización',
    what: (inviter, organization, service) => `${inviter} le invita a unirse a ${organization} en ${service}.`,
    code: (days) =>
      `Para aceptar, inicie sesión con esta dirección e introduzca este código donde se le solicite. Es válido durante ${plural(days, 'día', 'días')}.`,
    link: 'También puede abrir la invitación. Allí puede rechazarla y leer cómo unirse si todavía no tiene una cuenta.',
    button: 'Abrir la invitación',
    notYou: 'Si no sabe quién le invita, ignore este mensaje: no ocurre nada mientras no acepte.',
  },
  fr: {
    subject: 'Vous avez reçu une invitation',
    someone: 'Quelqu’un',
    anOrganization: 'une organisation',
    what: (inviter, organization, service) => `${inviter} vous invite à rejoindre ${organization} sur ${service}.`,
    code: (days) =>
      `Pour accepter, connectez-vous avec cette adresse et saisissez ce code là où il vous est demandé. Il est valable ${plural(days, 'jour', 'jours')}.`,
    link: 'Vous pouvez aussi ouvrir l’invitation. Vous pourrez y refuser et lire comment la rejoindre si vous n’avez pas encore de compte.',
    button: 'Ouvrir l’invitation',
    notYou: 'Si vous ne savez pas qui vous invite, ignorez ce message\u00a0: rien ne se passe sans votre accord.',
  },
};

const QUOTES: Record<Locale, [string, string]> = {
  en: ['“', '”'],
  de: ['„', '“'],
  es: ['«', '»'],
  fr: ['«\u00a0', '\u00a0»'],
};

export function invitationEmail(mail: InvitationMail): Mail {
  const { to, locale, publicUrl, code, link, days } = mail;
  const texts = TEXTS[locale];
  // In quotes, so that a name is not read as a sentence of ours.
  const named = (name: string | null, otherwise: string) => {
    const shown = displayName(name ?? '');
    return shown === '' ? otherwise : QUOTES[locale].join(shown);
  };
  const what = texts.what(
    named(mail.inviterName, texts.someone),
    named(mail.organizationName, texts.anOrganization),
    publicUrl,
  );
  return composeMail({ to, name: '', locale }, texts.subject, [
    what,
    texts.code(days),
    { code },
    texts.link,
    { label: texts.button, url: link },
    texts.notYou,
  ]);
}

function plural(count: number, one: string, many: string): string {
  return `${count}\u00a0${count === 1 ? one : many}`;
}

/** The email that proves an address: a code to type and a link to a page of ours; either is enough. */
import type { Locale } from '#core/locale.ts';
import { type Addressee, composeMail, type Mail } from '#core/mail/mail.ts';

type Proof = { code: string; link: string; codeMinutes: number; linkHours: number };

type Texts = {
  subject: string;
  why: string;
  code: (minutes: number) => string;
  link: (hours: number) => string;
  button: string;
  notYou: string;
};

const TEXTS: Record<Locale, Texts> = {
  en: {
    subject: 'Confirm your email address',
    why: 'This address was given for a new account. Please confirm that it is yours.',
    code: (minutes) => `Enter this code where you were asked for it. It is valid for ${minutes} minutes.`,
    link: (hours) => `Or open the confirmation page. The link is valid for ${hours} hours.`,
    button: 'Confirm email address',
    notYou: 'If you did not ask for this, ignore this message: the address stays unconfirmed.',
  },
  de: {
    subject: 'Bestätigen Sie Ihre E-Mail-Adresse',
    why: 'diese Adresse wurde für ein neues Konto angegeben. Bitte bestätigen Sie, dass sie Ihnen gehört.',
    code: (minutes) => `Geben Sie diesen Code dort ein, wo danach gefragt wird. Er gilt ${minutes} Minuten.`,
    link: (hours) => `Oder öffnen Sie die Bestätigungsseite. Der Link gilt ${hours} Stunden.`,
    button: 'E-Mail-Adresse bestätigen',
    notYou: 'Falls Sie das nicht veranlasst haben, ignorieren Sie diese Nachricht: Die Adresse bleibt unbestätigt.',
  },
  es: {
    subject: 'Confirme su dirección de correo electrónico',
    why: 'Esta dirección se ha indicado para una cuenta nueva. Confirme, por favor, que es suya.',
    code: (minutes) => `Introduzca este código donde se le solicite. Es válido durante ${minutes} minutos.`,
    link: (hours) => `También puede abrir la página de confirmación. El enlace es válido durante ${hours} horas.`,
    button: 'Confirmar la dirección de correo',
    notYou: 'Si usted no lo ha solicitado, ignore este mensaje: la dirección quedará sin confirmar.',
  },
  fr: {
    subject: 'Confirmez votre adresse e-mail',
    why: 'Cette adresse a été indiquée pour un nouveau compte. Veuillez confirmer qu’elle vous appartient.',
    code: (minutes) => `Saisissez ce code là où il vous est demandé. Il est valable ${minutes} minutes.`,
    link: (hours) => `Vous pouvez aussi ouvrir la page de confirmation. Le lien est valable ${hours} heures.`,
    button: 'Confirmer l’adresse e-mail',
    notYou:
      'Si vous n’êtes pas à l’origine de cette demande, ignorez ce message\u00a0: l’adresse restera non confirmée.',
  },
};

export function verifyEmailEmail({ code, link, codeMinutes, linkHours, ...to }: Addressee & Proof): Mail {
  const texts = TEXTS[to.locale];
  return composeMail(to, texts.subject, [
    texts.why,
    // An email that was held up tells no code that has ended meanwhile; the link lives longer.
    ...(codeMinutes > 0 ? [texts.code(codeMinutes), { code }] : []),
    texts.link(linkHours),
    { label: texts.button, url: link },
    texts.notYou,
  ]);
}

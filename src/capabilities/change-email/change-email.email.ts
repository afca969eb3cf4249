/** The email that proves the new address of an account: a code to type and a link to a page of ours; either is enough. */
import type { Locale } from '#core/locale.ts';
import { type Addressee, composeMail, type Mail } from '#core/mail/mail.ts';

type Proof = { code: string; link: string; codeMinutes: number; linkMinutes: number };

type Texts = {
  subject: string;
  why: string;
  code: (minutes: number) => string;
  link: (minutes: number) => string;
  button: string;
  notYou: string;
};

const TEXTS: Record<Locale, Texts> = {
  en: {
    subject: 'Confirm your new email address',
    why: 'This address was given as the new one of an existing account. Please confirm that it is yours.',
    code: (minutes) => `Enter this code where you were asked for it. It is valid for ${minutes} minutes.`,
    link: (minutes) => `Or open the confirmation page. The link is valid for ${minutes} minutes.`,
    button: 'Confirm new address',
    notYou: 'If you did not ask for this, ignore this message: the account keeps its old address.',
  },
  de: {
    subject: 'Bestätigen Sie Ihre neue E-Mail-Adresse',
    why: 'diese Adresse wurde als neue Adresse eines bestehenden Kontos angegeben. Bitte bestätigen Sie, dass sie Ihnen gehört.',
    code: (minutes) => `Geben Sie diesen Code dort ein, wo danach gefragt wird. Er gilt ${minutes} Minuten.`,
    link: (minutes) => `Oder öffnen Sie die Bestätigungsseite. Der Link gilt ${minutes} Minuten.`,
    button: 'Neue Adresse bestätigen',
    notYou:
      'Falls Sie das nicht veranlasst haben, ignorieren Sie diese Nachricht: Das Konto behält seine alte Adresse.',
  },
  es: {
    subject: 'Confirme su nueva dirección de correo electrónico',
    why: 'Esta dirección se ha indicado como la nueva de una cuenta existente. Confirme, por favor, que es suya.',
    code: (minutes) => `Introduzca este código donde se le solicite. Es válido durante ${minutes} minutos.`,
    link: (minutes) => `También puede abrir la página de confirmación. El enlace es válido durante ${minutes} minutos.`,
    button: 'Confirmar la dirección nueva',
    notYou: 'Si usted no lo ha solicitado, ignore este mensaje: la cuenta conservará su dirección anterior.',
  },
  fr: {
    subject: 'Confirmez votre nouvelle adresse e-mail',
    why: 'Cette adresse a été indiquée comme nouvelle adresse d’un compte existant. Veuillez confirmer qu’elle vous appartient.',
    code: (minutes) => `Saisissez ce code là où il vous est demandé. Il est valable ${minutes} minutes.`,
    link: (minutes) => `Vous pouvez aussi ouvrir la page de confirmation. Le lien est valable ${minutes} minutes.`,
    button: 'Confirmer la nouvelle adresse',
    notYou:
      'Si vous n’êtes pas à l’origine de cette demande, ignorez ce message\u00a0: le compte gardera son ancienne adresse.',
  },
};

export function changeEmailEmail({ code, link, codeMinutes, linkMinutes, ...to }: Addressee & Proof): Mail {
  const texts = TEXTS[to.locale];
  return composeMail(to, texts.subject, [
    texts.why,
    // An email that was held up tells no code that has ended meanwhile; the link lives longer.
    ...(codeMinutes > 0 ? [texts.code(codeMinutes), { code }] : []),
    texts.link(linkMinutes),
    { label: texts.button, url: link },
    texts.notYou,
  ]);
}

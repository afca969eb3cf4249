/** Tells the owner that the account is going to be deleted, with a link that undoes it until then. */
import { formatMoment, type Locale } from '#core/locale.ts';
import { type Addressee, composeMail, type Mail } from '#core/mail/mail.ts';

type Deletion = { link: string; deletesAt: Date; publicUrl: string };

type Texts = {
  subject: string;
  what: (deletesAt: string, service: string) => string;
  gone: string;
  undo: string;
  button: string;
  notYou: string;
};

const TEXTS: Record<Locale, Texts> = {
  en: {
    subject: 'Your account is going to be deleted',
    what: (deletesAt, service) => `Your account at ${service} is going to be deleted, as asked for, on ${deletesAt}.`,
    gone: 'All devices have been signed out. Until then the account cannot be used; afterwards everything that is held about you is gone for good.',
    undo: 'If you change your mind, keep the account with this link until then.',
    button: 'Keep my account',
    notYou:
      'If you did not ask for this, somebody knows your password: keep the account with the link, then reset your password at once.',
  },
  de: {
    subject: 'Ihr Konto wird gelöscht',
    what: (deletesAt, service) => `Ihr Konto bei ${service} wird wie gewünscht gelöscht: ${deletesAt}.`,
    gone: 'Alle Geräte wurden abgemeldet. Bis dahin kann das Konto nicht benutzt werden; danach ist alles, was über Sie gespeichert ist, endgültig gelöscht.',
    undo: 'Wenn Sie es sich anders überlegen, behalten Sie das Konto bis dahin mit diesem Link.',
    button: 'Mein Konto behalten',
    notYou:
      'Falls Sie das nicht veranlasst haben, kennt jemand Ihr Passwort: Behalten Sie das Konto mit dem Link und setzen Sie dann sofort Ihr Passwort zurück.',
  },
  es: {
    subject: 'Su cuenta se va a eliminar',
    what: (deletesAt, service) => `Su cuenta en ${service} se va a eliminar, tal como se ha pedido: ${deletesAt}.`,
    gone: 'Se ha cerrado la sesión en todos los dispositivos. Hasta entonces la cuenta no se puede usar; después, todo lo que guardamos sobre usted desaparecerá para siempre.',
    undo: 'Si cambia de opinión, conserve la cuenta con este enlace hasta entonces.',
    button: 'Conservar mi cuenta',
    notYou:
      'Si usted no lo ha solicitado, alguien conoce su contraseña: conserve la cuenta con el enlace y restablezca de inmediato su contraseña.',
  },
  fr: {
    subject: 'Votre compte va être supprimé',
    what: (deletesAt, service) =>
      `Votre compte sur ${service} va être supprimé, comme cela a été demandé\u00a0: ${deletesAt}.`,
    gone: 'Tous les appareils ont été déconnectés. D’ici là, le compte ne peut pas être utilisé\u00a0; ensuite, tout ce qui est conservé à votre sujet disparaîtra définitivement.',
    undo: 'Si vous changez d’avis, conservez le compte avec ce lien d’ici là.',
    button: 'Conserver mon compte',
    notYou:
      'Si vous n’êtes pas à l’origine de cette demande, quelqu’un connaît votre mot de passe\u00a0: conservez le compte avec le lien, puis réinitialisez aussitôt votre mot de passe.',
  },
};

export function accountDeletionEmail({ link, deletesAt, publicUrl, ...to }: Addressee & Deletion): Mail {
  const texts = TEXTS[to.locale];
  return composeMail(to, texts.subject, [
    texts.what(formatMoment(deletesAt, to.locale), publicUrl),
    texts.gone,
    texts.undo,
    { label: texts.button, url: link },
    texts.notYou,
  ]);
}

/** Tells the owner when the account will be deleted, with a link to keep it. */
import { formatMoment, type Locale } from '#core/locale.ts';
import { type Addressee, composeMail, type Mail } from '#core/mail/mail.ts';

type Deletion = { link: string; deletesAt: Date };

type Texts = {
  subject: string;
  what: (deletesAt: string, service: string) => string;
  gone: string;
  undo: string;
  button: string;
  notYou: string;
  /** The same where passwords do not sign in. */
  notYouWithoutPasswords: string;
};

const TEXTS: Record<Locale, Texts> = {
  en: {
    subject: 'Your account is scheduled for deletion',
    what: (deletesAt, service) => `As requested, your account at ${service} will be deleted on ${deletesAt}.`,
    gone: 'All devices have been signed out, and the account cannot be used until then. After that date, everything stored about you is deleted for good.',
    undo: 'If you change your mind, use this link before that date to keep your account.',
    button: 'Keep my account',
    notYou:
      'If you did not request this, someone else is using your account. Use the link to keep it, then reset your password immediately.',
    notYouWithoutPasswords:
      'If you did not request this, someone else is using your account. Use the link to keep it, then sign in and sign out everywhere.',
  },
  de: {
    subject: 'Ihr Konto wird gelöscht',
    what: (deletesAt, service) => `wie gewünscht wird Ihr Konto bei ${service} am ${deletesAt} gelöscht.`,
    gone: 'Alle Geräte wurden abgemeldet, und das Konto kann bis dahin nicht benutzt werden. Danach sind alle Ihre gespeicherten Daten endgültig gelöscht.',
    undo: 'Falls Sie es sich anders überlegen, können Sie Ihr Konto bis dahin mit diesem Link behalten.',
    button: 'Mein Konto behalten',
    notYou:
      'Falls Sie das nicht veranlasst haben, benutzt jemand anderes Ihr Konto. Behalten Sie es mit dem Link und setzen Sie danach sofort Ihr Passwort zurück.',
    notYouWithoutPasswords:
      'Falls Sie das nicht veranlasst haben, benutzt jemand anderes Ihr Konto. Behalten Sie es mit dem Link, melden Sie sich danach an und dann überall ab.',
  },
  es: {
    subject: 'Su cuenta se va a eliminar',
    what: (deletesAt, service) => `Tal como se ha solicitado, su cuenta en ${service} se eliminará el ${deletesAt}.`,
    gone: 'Se ha cerrado la sesión en todos los dispositivos y, hasta esa fecha, la cuenta no se puede usar. Después, todos los datos guardados sobre usted se eliminarán definitivamente.',
    undo: 'Si cambia de opinión, use este enlace antes de esa fecha para conservar su cuenta.',
    button: 'Conservar mi cuenta',
    notYou:
      'Si usted no lo ha solicitado, otra persona está usando su cuenta. Use el enlace para conservarla y, después, restablezca su contraseña de inmediato.',
    notYouWithoutPasswords:
      'Si usted no lo ha solicitado, otra persona está usando su cuenta. Use el enlace para conservarla y, después, inicie sesión y ciérrela en todos los dispositivos.',
  },
  fr: {
    subject: 'Votre compte va être supprimé',
    what: (deletesAt, service) => `Comme demandé, votre compte sur ${service} sera supprimé le ${deletesAt}.`,
    gone: 'Tous les appareils ont été déconnectés et le compte ne peut pas être utilisé d’ici là. Ensuite, toutes les données conservées à votre sujet seront définitivement supprimées.',
    undo: 'Si vous changez d’avis, utilisez ce lien avant cette date pour conserver votre compte.',
    button: 'Conserver mon compte',
    notYou:
      'Si vous n’êtes pas à l’origine de cette demande, quelqu’un d’autre utilise votre compte. Utilisez le lien pour le conserver, puis réinitialisez immédiatement votre mot de passe.',
    notYouWithoutPasswords:
      'Si vous n’êtes pas à l’origine de cette demande, quelqu’un d’autre utilise votre compte. Utilisez le lien pour le conserver, puis connectez-vous et déconnectez tous les appareils.',
  },
};

export function accountDeletionEmail({ link, deletesAt, ...to }: Addressee & Deletion): Mail {
  const texts = TEXTS[to.locale];
  return composeMail(to, {
    mail: 'account-deletion',
    values: { deletesAt, link },
    subject: texts.subject,
    blocks: [
      texts.what(formatMoment(deletesAt, to.locale), to.service),
      texts.gone,
      texts.undo,
      { label: texts.button, url: link },
      to.hasPasswords === false ? texts.notYouWithoutPasswords : texts.notYou,
    ],
  });
}

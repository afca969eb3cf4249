/** What the page behind the link that takes the deletion of an account back says. */
import type { Locale } from '#core/locale.ts';
import type { LinkPageTexts } from './page-texts.ts';

export const UNDO_ACCOUNT_DELETION_TEXTS: Record<Locale, LinkPageTexts> = {
  en: {
    title: 'Keep your account',
    intro: 'With this button your account is not deleted. Nothing happens before that.',
    button: 'Keep my account',
    done: {
      title: 'Your account stays',
      text: 'You can close this page and sign in as before. If you did not ask for the deletion, reset your password now.',
    },
    invalid: {
      title: 'This link cannot be used',
      text: 'It is incomplete, has expired, has already been used or was replaced by a newer one. If you can sign in, your account stays already; if not, it may have been deleted.',
    },
  },
  de: {
    title: 'Konto behalten',
    intro: 'Mit dieser Schaltfläche wird Ihr Konto nicht gelöscht. Vorher geschieht nichts.',
    button: 'Mein Konto behalten',
    done: {
      title: 'Ihr Konto bleibt',
      text: 'Sie können diese Seite schließen und sich wie bisher anmelden. Falls Sie die Löschung nicht veranlasst haben, setzen Sie jetzt Ihr Passwort zurück.',
    },
    invalid: {
      title: 'Dieser Link kann nicht verwendet werden',
      text: 'Er ist unvollständig, abgelaufen, bereits benutzt oder durch einen neueren ersetzt. Wenn Sie sich anmelden können, bleibt Ihr Konto schon; wenn nicht, ist es möglicherweise gelöscht.',
    },
  },
  es: {
    title: 'Conserve su cuenta',
    intro: 'Con este botón su cuenta no se eliminará. Antes de eso no ocurre nada.',
    button: 'Conservar mi cuenta',
    done: {
      title: 'Su cuenta se conserva',
      text: 'Puede cerrar esta página e iniciar sesión como antes. Si usted no pidió eliminarla, restablezca ahora su contraseña.',
    },
    invalid: {
      title: 'Este enlace no se puede usar',
      text: 'Está incompleto, ha caducado, ya se ha usado o se ha sustituido por otro más reciente. Si puede iniciar sesión, su cuenta ya se conserva; si no, es posible que se haya eliminado.',
    },
  },
  fr: {
    title: 'Conservez votre compte',
    intro: 'Avec ce bouton, votre compte ne sera pas supprimé. Rien ne se passe avant.',
    button: 'Conserver mon compte',
    done: {
      title: 'Votre compte est conservé',
      text: 'Vous pouvez fermer cette page et vous connecter comme avant. Si vous n’avez pas demandé la suppression, réinitialisez maintenant votre mot de passe.',
    },
    invalid: {
      title: 'Ce lien ne peut pas être utilisé',
      text: 'Il est incomplet, a expiré, a déjà été utilisé ou a été remplacé par un lien plus récent. Si vous pouvez vous connecter, votre compte est déjà conservé\u00a0; sinon, il a peut-être été supprimé.',
    },
  },
};

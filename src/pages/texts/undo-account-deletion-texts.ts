/** The texts of the page that cancels the deletion of an account. */
import type { Locale } from '#core/locale.ts';
import type { PasswordPageTexts } from './page-texts.ts';

export const UNDO_ACCOUNT_DELETION_TEXTS: Record<Locale, PasswordPageTexts> = {
  en: {
    title: 'Keep your account',
    intro: 'Your account is scheduled for deletion. You can still cancel the deletion.',
    button: 'Keep my account',
    done: {
      title: 'Your account will not be deleted',
      text: 'You can close this page and sign in as before. If you did not request the deletion, reset your password now.',
    },
    invalid: {
      title: 'This link is invalid or has expired',
      text: 'It may have been used already or replaced by a newer one. If you can sign in, your account is not scheduled for deletion. If you cannot, it may already have been deleted.',
    },
    withoutPasswords: {
      done: {
        title: 'Your account will not be deleted',
        text: 'You can close this page and sign in as before. If you did not request the deletion, then sign out everywhere.',
      },
    },
  },
  de: {
    title: 'Konto behalten',
    intro: 'Ihr Konto ist zur Löschung vorgemerkt. Sie können die Löschung noch abbrechen.',
    button: 'Mein Konto behalten',
    done: {
      title: 'Ihr Konto wird nicht gelöscht',
      text: 'Sie können diese Seite schließen und sich wie gewohnt anmelden. Falls Sie die Löschung nicht angefordert haben, setzen Sie jetzt Ihr Passwort zurück.',
    },
    invalid: {
      title: 'Dieser Link ist ungültig oder abgelaufen',
      text: 'Möglicherweise wurde er bereits verwendet oder durch einen neueren ersetzt. Wenn Sie sich anmelden können, ist Ihr Konto nicht zur Löschung vorgemerkt. Andernfalls wurde es möglicherweise bereits gelöscht.',
    },
    withoutPasswords: {
      done: {
        title: 'Ihr Konto wird nicht gelöscht',
        text: 'Sie können diese Seite schließen und sich wie gewohnt anmelden. Falls Sie die Löschung nicht angefordert haben, melden Sie sich danach überall ab.',
      },
    },
  },
  es: {
    title: 'Conserve su cuenta',
    intro: 'Su cuenta está pendiente de eliminación. Todavía puede cancelar la eliminación.',
    button: 'Conservar mi cuenta',
    done: {
      title: 'Su cuenta no se eliminará',
      text: 'Puede cerrar esta página e iniciar sesión como siempre. Si usted no solicitó la eliminación, restablezca ahora su contraseña.',
    },
    invalid: {
      title: 'Este enlace no es válido o ha caducado',
      text: 'Es posible que ya se haya usado o que haya otro más reciente. Si puede iniciar sesión, su cuenta no está pendiente de eliminación. Si no puede, es posible que ya se haya eliminado.',
    },
    withoutPasswords: {
      done: {
        title: 'Su cuenta no se eliminará',
        text: 'Puede cerrar esta página e iniciar sesión como siempre. Si usted no solicitó la eliminación, cierre después la sesión en todos los dispositivos.',
      },
    },
  },
  fr: {
    title: 'Conservez votre compte',
    intro: 'La suppression de votre compte est programmée. Vous pouvez encore l’annuler.',
    button: 'Conserver mon compte',
    done: {
      title: 'Votre compte ne sera pas supprimé',
      text: 'Vous pouvez fermer cette page et vous connecter comme d’habitude. Si vous n’avez pas demandé la suppression, réinitialisez votre mot de passe dès maintenant.',
    },
    invalid: {
      title: 'Ce lien n’est pas valide ou a expiré',
      text: 'Il a peut-être déjà été utilisé ou remplacé par un lien plus récent. Si vous pouvez vous connecter, votre compte ne sera pas supprimé. Sinon, il l’a peut-être déjà été.',
    },
    withoutPasswords: {
      done: {
        title: 'Votre compte ne sera pas supprimé',
        text: 'Vous pouvez fermer cette page et vous connecter comme d’habitude. Si vous n’avez pas demandé la suppression, déconnectez ensuite tous les appareils.',
      },
    },
  },
};

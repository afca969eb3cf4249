/** What the page behind "This wasn't me" says, in the email that asks to confirm an address. */
import type { Locale } from '#core/locale.ts';
import type { LinkPageTexts } from './page-texts.ts';

export const REJECT_REGISTRATION_TEXTS: Record<Locale, LinkPageTexts> = {
  en: {
    title: 'Remove an account you did not register',
    intro:
      'Someone registered this account with your email address. With this button you remove it, and with it the password that person chose. Nothing happens before that.',
    button: 'This wasn’t me: remove the account',
    done: {
      title: 'The account has been removed',
      text: 'Nobody can sign in to it. If someone registers your address again, you will get another email.',
    },
    invalid: {
      title: 'This link is invalid or has expired',
      text: 'It may have been used already or replaced by a newer one. If you confirmed the address by mistake, reset the password where you sign in: the person who registered it is then signed out and can no longer sign in.',
    },
  },
  de: {
    title: 'Ein Konto entfernen, das Sie nicht registriert haben',
    intro:
      'Jemand hat dieses Konto mit Ihrer E-Mail-Adresse registriert. Mit dieser Schaltfläche entfernen Sie es und damit auch das Passwort, das diese Person gewählt hat. Vorher geschieht nichts.',
    button: 'Das war ich nicht: Konto entfernen',
    done: {
      title: 'Das Konto wurde entfernt',
      text: 'Niemand kann sich damit anmelden. Falls jemand Ihre Adresse noch einmal registriert, erhalten Sie wieder eine E-Mail.',
    },
    invalid: {
      title: 'Dieser Link ist ungültig oder abgelaufen',
      text: 'Möglicherweise wurde er bereits verwendet oder durch einen neueren ersetzt. Wenn Sie die Adresse versehentlich bestätigt haben, setzen Sie dort, wo Sie sich anmelden, das Passwort zurück: Wer das Konto registriert hat, wird dann abgemeldet und kann sich nicht mehr anmelden.',
    },
  },
  es: {
    title: 'Eliminar una cuenta que usted no ha registrado',
    intro:
      'Alguien ha registrado esta cuenta con su dirección de correo. Con este botón la elimina, y con ella la contraseña que eligió esa persona. Antes de eso no ocurre nada.',
    button: 'No he sido yo: eliminar la cuenta',
    done: {
      title: 'La cuenta se ha eliminado',
      text: 'Nadie puede iniciar sesión en ella. Si alguien vuelve a registrar su dirección, recibirá otro mensaje.',
    },
    invalid: {
      title: 'Este enlace no es válido o ha caducado',
      text: 'Es posible que ya se haya usado o que haya otro más reciente. Si ha confirmado la dirección por error, restablezca la contraseña donde inicia sesión: así se cierra la sesión de quien registró la cuenta, que ya no podrá volver a entrar.',
    },
  },
  fr: {
    title: 'Supprimer un compte que vous n’avez pas créé',
    intro:
      'Quelqu’un a créé ce compte avec votre adresse e-mail. Avec ce bouton, vous le supprimez, ainsi que le mot de passe choisi par cette personne. Rien ne se passe avant.',
    button: 'Ce n’était pas moi\u00a0: supprimer le compte',
    done: {
      title: 'Le compte a été supprimé',
      text: 'Personne ne peut s’y connecter. Si quelqu’un inscrit de nouveau votre adresse, vous recevrez un autre message.',
    },
    invalid: {
      title: 'Ce lien n’est pas valide ou a expiré',
      text: 'Il a peut-être déjà été utilisé ou remplacé par un lien plus récent. Si vous avez confirmé l’adresse par erreur, réinitialisez le mot de passe depuis la page de connexion\u00a0: la personne qui a créé le compte sera déconnectée et ne pourra plus se connecter.',
    },
  },
};

/** What the page behind "This wasn't me" says, in the email that asks to confirm an address. */
import type { Locale } from '#core/locale.ts';
import type { PasswordPageTexts } from './page-texts.ts';

export const REJECT_REGISTRATION_TEXTS: Record<Locale, PasswordPageTexts> = {
  en: {
    title: 'Remove this account',
    intro:
      'Someone registered this account with your email address. Remove it if that was not you: the password they chose goes with it.',
    button: 'This wasn’t me: remove the account',
    done: {
      title: 'The account has been removed',
      text: 'Nobody can sign in to it. If someone registers your address again, you will get another email.',
    },
    invalid: {
      title: 'This link is invalid or has expired',
      text: 'It may have been used already or replaced by a newer one. If you confirmed the address by mistake, reset the password where you sign in: the person who registered it is then signed out and can no longer sign in.',
    },
    withoutPasswords: {
      intro: 'Someone registered this account with your email address. Remove it if that was not you.',
      invalid: {
        title: 'This link is invalid or has expired',
        text: 'It may have been used already or replaced by a newer one. Nobody can sign in to the account without an email that is sent to you.',
      },
    },
  },
  de: {
    title: 'Dieses Konto entfernen',
    intro:
      'Jemand hat dieses Konto mit Ihrer E-Mail-Adresse registriert. Entfernen Sie es, falls Sie das nicht waren: Damit verschwindet auch das Passwort, das diese Person gewählt hat.',
    button: 'Das war ich nicht: Konto entfernen',
    done: {
      title: 'Das Konto wurde entfernt',
      text: 'Niemand kann sich damit anmelden. Falls jemand Ihre Adresse noch einmal registriert, erhalten Sie wieder eine E-Mail.',
    },
    invalid: {
      title: 'Dieser Link ist ungültig oder abgelaufen',
      text: 'Möglicherweise wurde er bereits verwendet oder durch einen neueren ersetzt. Wenn Sie die Adresse versehentlich bestätigt haben, setzen Sie dort, wo Sie sich anmelden, das Passwort zurück: Wer das Konto registriert hat, wird dann abgemeldet und kann sich nicht mehr anmelden.',
    },
    withoutPasswords: {
      intro:
        'Jemand hat dieses Konto mit Ihrer E-Mail-Adresse registriert. Entfernen Sie es, falls Sie das nicht waren.',
      invalid: {
        title: 'Dieser Link ist ungültig oder abgelaufen',
        text: 'Möglicherweise wurde er bereits verwendet oder durch einen neueren ersetzt. Ohne eine E-Mail, die an Sie geht, kann sich niemand mit dem Konto anmelden.',
      },
    },
  },
  es: {
    title: 'Elimine esta cuenta',
    intro:
      'Alguien ha registrado esta cuenta con su dirección de correo. Elimínela si no ha sido usted: la contraseña que eligió esa persona desaparecerá con ella.',
    button: 'No he sido yo: eliminar la cuenta',
    done: {
      title: 'La cuenta se ha eliminado',
      text: 'Nadie puede iniciar sesión en ella. Si alguien vuelve a registrar su dirección, recibirá otro mensaje.',
    },
    invalid: {
      title: 'Este enlace no es válido o ha caducado',
      text: 'Es posible que ya se haya usado o que haya otro más reciente. Si ha confirmado la dirección por error, restablezca la contraseña donde inicia sesión: así se cierra la sesión de quien registró la cuenta, que ya no podrá volver a entrar.',
    },
    withoutPasswords: {
      intro: 'Alguien ha registrado esta cuenta con su dirección de correo. Elimínela si no ha sido usted.',
      invalid: {
        title: 'Este enlace no es válido o ha caducado',
        text: 'Es posible que ya se haya usado o que haya otro más reciente. Nadie puede iniciar sesión en la cuenta sin un correo enviado a usted.',
      },
    },
  },
  fr: {
    title: 'Supprimez ce compte',
    intro:
      'Quelqu’un a créé ce compte avec votre adresse e-mail. Supprimez-le si ce n’était pas vous\u00a0: le mot de passe choisi par cette personne disparaîtra avec lui.',
    button: 'Ce n’était pas moi\u00a0: supprimer le compte',
    done: {
      title: 'Le compte a été supprimé',
      text: 'Personne ne peut s’y connecter. Si quelqu’un inscrit de nouveau votre adresse, vous recevrez un autre message.',
    },
    invalid: {
      title: 'Ce lien n’est pas valide ou a expiré',
      text: 'Il a peut-être déjà été utilisé ou remplacé par un lien plus récent. Si vous avez confirmé l’adresse par erreur, réinitialisez le mot de passe depuis la page de connexion\u00a0: la personne qui a créé le compte sera déconnectée et ne pourra plus se connecter.',
    },
    withoutPasswords: {
      intro: 'Quelqu’un a créé ce compte avec votre adresse e-mail. Supprimez-le si ce n’était pas vous.',
      invalid: {
        title: 'Ce lien n’est pas valide ou a expiré',
        text: 'Il a peut-être déjà été utilisé ou remplacé par un lien plus récent. Personne ne peut se connecter au compte sans un e-mail qui vous est envoyé.',
      },
    },
  },
};

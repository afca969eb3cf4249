/**
 * The texts of the page that undoes a change of address and secures the account. Its link is sent to the old address.
 */
import type { Locale } from '#core/locale.ts';
import type { PasswordPageTexts } from './page-texts.ts';

export const UNDO_EMAIL_CHANGE_TEXTS: Record<Locale, PasswordPageTexts> = {
  en: {
    title: 'Secure your account',
    intro:
      'Your account gets back this address, and the username and phone number it had before the change. All devices are signed out and the password stops working. We will email you a link to choose a new one.',
    button: 'Secure my account',
    done: {
      title: 'Your account is secure',
      text: 'It uses this address, and all devices have been signed out. Choose a new password with the link in the email that we just sent you.',
    },
    invalid: {
      title: 'This link is invalid or has expired',
      text: 'It may have been used already or replaced by a newer one. If you cannot sign in with this address, contact support.',
    },
    withoutPasswords: {
      intro:
        'Your account gets back this address, and the username and phone number it had before the change. All devices are signed out.',
      done: {
        title: 'Your account is secure',
        text: 'It uses this address, and all devices have been signed out. Sign in again with an email to this address.',
      },
    },
  },
  de: {
    title: 'Ihr Konto schützen',
    intro:
      'Ihr Konto bekommt diese Adresse sowie den Benutzernamen und die Telefonnummer von vor der Änderung zurück. Alle Geräte werden abgemeldet, und das Passwort wird ungültig. Sie erhalten eine E-Mail mit einem Link, um ein neues zu wählen.',
    button: 'Mein Konto schützen',
    done: {
      title: 'Ihr Konto ist geschützt',
      text: 'Es verwendet diese Adresse, und alle Geräte wurden abgemeldet. Wählen Sie mit dem Link in der E-Mail, die wir Ihnen gerade geschickt haben, ein neues Passwort.',
    },
    invalid: {
      title: 'Dieser Link ist ungültig oder abgelaufen',
      text: 'Möglicherweise wurde er bereits verwendet oder durch einen neueren ersetzt. Falls Sie sich mit dieser Adresse nicht anmelden können, wenden Sie sich an den Support.',
    },
    withoutPasswords: {
      intro:
        'Ihr Konto bekommt diese Adresse sowie den Benutzernamen und die Telefonnummer von vor der Änderung zurück. Alle Geräte werden abgemeldet.',
      done: {
        title: 'Ihr Konto ist geschützt',
        text: 'Es verwendet diese Adresse, und alle Geräte wurden abgemeldet. Melden Sie sich mit einer E-Mail an diese Adresse wieder an.',
      },
    },
  },
  es: {
    title: 'Proteja su cuenta',
    intro:
      'Su cuenta recuperará esta dirección y el nombre de usuario y el número de teléfono que tenía antes del cambio. Se cerrará la sesión en todos los dispositivos y la contraseña dejará de ser válida. Le enviaremos un correo con un enlace para elegir una nueva.',
    button: 'Proteger mi cuenta',
    done: {
      title: 'Su cuenta está protegida',
      text: 'Usa esta dirección y se ha cerrado la sesión en todos los dispositivos. Elija una contraseña nueva con el enlace del correo que acabamos de enviarle.',
    },
    invalid: {
      title: 'Este enlace no es válido o ha caducado',
      text: 'Es posible que ya se haya usado o que haya otro más reciente. Si no puede iniciar sesión con esta dirección, póngase en contacto con el servicio de asistencia.',
    },
    withoutPasswords: {
      intro:
        'Su cuenta recuperará esta dirección y el nombre de usuario y el número de teléfono que tenía antes del cambio. Se cerrará la sesión en todos los dispositivos.',
      done: {
        title: 'Su cuenta está protegida',
        text: 'Usa esta dirección y se ha cerrado la sesión en todos los dispositivos. Inicie sesión de nuevo con un correo a esta dirección.',
      },
    },
  },
  fr: {
    title: 'Protégez votre compte',
    intro:
      'Votre compte retrouvera cette adresse, ainsi que le nom d’utilisateur et le numéro de téléphone qu’il avait avant la modification. Tous les appareils seront déconnectés et le mot de passe ne sera plus valable. Nous vous enverrons un e-mail avec un lien pour en choisir un nouveau.',
    button: 'Protéger mon compte',
    done: {
      title: 'Votre compte est protégé',
      text: 'Il utilise cette adresse et tous les appareils ont été déconnectés. Choisissez un nouveau mot de passe avec le lien de l’e-mail que nous venons de vous envoyer.',
    },
    invalid: {
      title: 'Ce lien n’est pas valide ou a expiré',
      text: 'Il a peut-être déjà été utilisé ou remplacé par un lien plus récent. Si vous ne pouvez pas vous connecter avec cette adresse, contactez l’assistance.',
    },
    withoutPasswords: {
      intro:
        'Votre compte retrouvera cette adresse, ainsi que le nom d’utilisateur et le numéro de téléphone qu’il avait avant la modification. Tous les appareils seront déconnectés.',
      done: {
        title: 'Votre compte est protégé',
        text: 'Il utilise cette adresse et tous les appareils ont été déconnectés. Reconnectez-vous par un e-mail envoyé à cette adresse.',
      },
    },
  },
};

/** What the page behind the link that undoes a change of address says. */
import type { Locale } from '#core/locale.ts';
import type { LinkPageTexts } from './page-texts.ts';

export const UNDO_EMAIL_CHANGE_TEXTS: Record<Locale, LinkPageTexts> = {
  en: {
    title: 'Keep this address and secure the account',
    intro:
      'With this button your account keeps this address or gets it back, all devices are signed out, the password stops working, and we mail you a link to choose a new one. Nothing happens before that.',
    button: 'Secure my account',
    done: {
      title: 'Your account is secured',
      text: 'It has this address, and all devices have been signed out. We have mailed you a link: choose a new password with it.',
    },
    invalid: {
      title: 'This link cannot be used',
      text: 'It is incomplete, has expired, has already been used or was replaced by a newer one. If you cannot sign in with this address, ask the operator of the service for help.',
    },
  },
  de: {
    title: 'Adresse behalten und Konto sichern',
    intro:
      'Mit dieser Schaltfläche behält Ihr Konto diese Adresse oder bekommt sie zurück, alle Geräte werden abgemeldet, das Passwort wird ungültig, und Sie erhalten einen Link, um ein neues zu wählen. Vorher geschieht nichts.',
    button: 'Mein Konto sichern',
    done: {
      title: 'Ihr Konto ist gesichert',
      text: 'Es hat diese Adresse, und alle Geräte wurden abgemeldet. Wir haben Ihnen einen Link geschickt: Wählen Sie damit ein neues Passwort.',
    },
    invalid: {
      title: 'Dieser Link kann nicht verwendet werden',
      text: 'Er ist unvollständig, abgelaufen, bereits benutzt oder durch einen neueren ersetzt. Wenn Sie sich mit dieser Adresse nicht anmelden können, wenden Sie sich an den Betreiber des Dienstes.',
    },
  },
  es: {
    title: 'Conservar esta dirección y proteger la cuenta',
    intro:
      'Con este botón su cuenta conserva o recupera esta dirección, se cierra la sesión en todos los dispositivos, la contraseña deja de servir y le enviamos un enlace para elegir otra. Antes de eso no ocurre nada.',
    button: 'Proteger mi cuenta',
    done: {
      title: 'Su cuenta está protegida',
      text: 'Tiene esta dirección y se ha cerrado la sesión en todos los dispositivos. Le hemos enviado un enlace: elija con él una contraseña nueva.',
    },
    invalid: {
      title: 'Este enlace no se puede usar',
      text: 'Está incompleto, ha caducado, ya se ha usado o se ha sustituido por otro más reciente. Si no puede iniciar sesión con esta dirección, pida ayuda a quien gestiona el servicio.',
    },
  },
  fr: {
    title: 'Garder cette adresse et protéger le compte',
    intro:
      'Avec ce bouton, votre compte garde ou retrouve cette adresse, tous les appareils sont déconnectés, le mot de passe ne vaut plus et nous vous envoyons un lien pour en choisir un nouveau. Rien ne se passe avant.',
    button: 'Protéger mon compte',
    done: {
      title: 'Votre compte est protégé',
      text: 'Il a cette adresse et tous les appareils ont été déconnectés. Nous vous avons envoyé un lien\u00a0: choisissez avec lui un nouveau mot de passe.',
    },
    invalid: {
      title: 'Ce lien ne peut pas être utilisé',
      text: 'Il est incomplet, a expiré, a déjà été utilisé ou a été remplacé par un lien plus récent. Si vous ne pouvez pas vous connecter avec cette adresse, demandez de l’aide à l’exploitant du service.',
    },
  },
};

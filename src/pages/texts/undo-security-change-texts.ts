/** The texts of the page that the link in an email about a security change opens. */
import { html } from 'hono/html';
import type { Locale } from '#core/locale.ts';
import type { PasswordPageTexts } from './page-texts.ts';

type Html = ReturnType<typeof html>;
type Change = { at: string; device: string | null };

type Texts = PasswordPageTexts & { change: (at: string, device: string | null) => string };

export const UNDO_SECURITY_CHANGE_TEXTS: Record<Locale, Texts> = {
  en: {
    title: 'Undo this change?',
    change: (at, device) => `The change was made on ${at}${device === null ? '' : `, on ${device}`}.`,
    intro:
      'The change is undone, and so are later ones of the kind. All devices are signed out and the password stops working. We will email you a link to choose a new one.',
    button: 'This was not me: undo it',
    done: {
      title: 'Your account is secured',
      text: 'The change has been undone and all devices have been signed out. We have sent you an email with a link to choose a new password.',
    },
    invalid: {
      title: 'This link is invalid or has expired',
      text: 'It may have been used already, or the change may have been undone with another link. If you think that someone else is using your account, choose “Forgot your password?” where you sign in.',
    },
    withoutPasswords: {
      intro: 'The change is undone, and so are later ones of the kind. All devices are signed out.',
      done: {
        title: 'Your account is secured',
        text: 'The change has been undone and all devices have been signed out. Sign in again with an email.',
      },
      invalid: {
        title: 'This link is invalid or has expired',
        text: 'It may have been used already, or the change may have been undone with another link. If you think that someone else is using your account, sign in and sign out everywhere.',
      },
    },
  },
  de: {
    title: 'Diese Änderung rückgängig machen?',
    change: (at, device) => `Die Änderung wurde am ${at} vorgenommen${device === null ? '' : ` (${device})`}.`,
    intro:
      'Die Änderung und alle späteren dieser Art werden rückgängig gemacht. Alle Geräte werden abgemeldet, und das Passwort wird ungültig. Sie erhalten eine E-Mail mit einem Link, um ein neues zu wählen.',
    button: 'Das war ich nicht: rückgängig machen',
    done: {
      title: 'Ihr Konto ist gesichert',
      text: 'Die Änderung wurde rückgängig gemacht, und alle Geräte wurden abgemeldet. Wir haben Ihnen eine E-Mail mit einem Link gesendet, um ein neues Passwort zu wählen.',
    },
    invalid: {
      title: 'Dieser Link ist ungültig oder abgelaufen',
      text: 'Möglicherweise wurde er bereits verwendet, oder die Änderung wurde mit einem anderen Link rückgängig gemacht. Wenn Sie glauben, dass jemand anderes Ihr Konto benutzt, wählen Sie bei der Anmeldung „Passwort vergessen?“.',
    },
    withoutPasswords: {
      intro: 'Die Änderung und alle späteren dieser Art werden rückgängig gemacht. Alle Geräte werden abgemeldet.',
      done: {
        title: 'Ihr Konto ist gesichert',
        text: 'Die Änderung wurde rückgängig gemacht, und alle Geräte wurden abgemeldet. Melden Sie sich per E-Mail wieder an.',
      },
      invalid: {
        title: 'Dieser Link ist ungültig oder abgelaufen',
        text: 'Möglicherweise wurde er bereits verwendet, oder die Änderung wurde mit einem anderen Link rückgängig gemacht. Wenn Sie glauben, dass jemand anderes Ihr Konto benutzt, melden Sie sich an und danach überall ab.',
      },
    },
  },
  es: {
    title: '¿Deshacer este cambio?',
    change: (at, device) => `El cambio se hizo el ${at}${device === null ? '' : ` (${device})`}.`,
    intro:
      'Se desharán este cambio y los posteriores del mismo tipo. Se cerrará la sesión en todos los dispositivos y la contraseña dejará de ser válida. Le enviaremos un correo con un enlace para elegir una nueva.',
    button: 'No he sido yo: deshacer',
    done: {
      title: 'Su cuenta está protegida',
      text: 'El cambio se ha deshecho y se ha cerrado la sesión en todos los dispositivos. Le hemos enviado un correo con un enlace para elegir una contraseña nueva.',
    },
    invalid: {
      title: 'Este enlace no es válido o ha caducado',
      text: 'Es posible que ya se haya usado o que el cambio se haya deshecho con otro enlace. Si cree que otra persona está usando su cuenta, elija «¿Ha olvidado su contraseña?» al iniciar sesión.',
    },
    withoutPasswords: {
      intro:
        'Se desharán este cambio y los posteriores del mismo tipo. Se cerrará la sesión en todos los dispositivos.',
      done: {
        title: 'Su cuenta está protegida',
        text: 'El cambio se ha deshecho y se ha cerrado la sesión en todos los dispositivos. Inicie sesión de nuevo por correo.',
      },
      invalid: {
        title: 'Este enlace no es válido o ha caducado',
        text: 'Es posible que ya se haya usado o que el cambio se haya deshecho con otro enlace. Si cree que otra persona está usando su cuenta, inicie sesión y ciérrela en todos los dispositivos.',
      },
    },
  },
  fr: {
    title: 'Annuler cette modification\u00a0?',
    change: (at, device) => `La modification a été faite le ${at}${device === null ? '' : ` (${device})`}.`,
    intro:
      'Cette modification et celles du même type qui l’ont suivie seront annulées. Tous les appareils seront déconnectés et le mot de passe ne sera plus valable. Nous vous enverrons un e-mail avec un lien pour en choisir un nouveau.',
    button: 'Ce n’était pas moi\u00a0: annuler',
    done: {
      title: 'Votre compte est protégé',
      text: 'La modification a été annulée et tous les appareils ont été déconnectés. Nous vous avons envoyé un e-mail avec un lien pour choisir un nouveau mot de passe.',
    },
    invalid: {
      title: 'Ce lien n’est pas valide ou a expiré',
      text: 'Il a peut-être déjà été utilisé, ou la modification a été annulée avec un autre lien. Si vous pensez que quelqu’un d’autre utilise votre compte, choisissez «\u00a0Mot de passe oublié\u00a0?\u00a0» lors de la connexion.',
    },
    withoutPasswords: {
      intro:
        'Cette modification et celles du même type qui l’ont suivie seront annulées. Tous les appareils seront déconnectés.',
      done: {
        title: 'Votre compte est protégé',
        text: 'La modification a été annulée et tous les appareils ont été déconnectés. Reconnectez-vous par e-mail.',
      },
      invalid: {
        title: 'Ce lien n’est pas valide ou a expiré',
        text: 'Il a peut-être déjà été utilisé, ou la modification a été annulée avec un autre lien. Si vous pensez que quelqu’un d’autre utilise votre compte, connectez-vous puis déconnectez tous les appareils.',
      },
    },
  },
};

/** When and from where the change was made. */
export function changeText(locale: Locale, { at, device }: Change): Html {
  return html`<p>${UNDO_SECURITY_CHANGE_TEXTS[locale].change(at, device)}</p>`;
}

/** What the page behind the link mailed to a new address says. */
import type { Locale } from '#core/locale.ts';
import type { LinkPageTexts } from './page-texts.ts';

export const CHANGE_EMAIL_TEXTS: Record<Locale, LinkPageTexts> = {
  en: {
    title: 'Confirm your new email address',
    intro:
      'With this button the account of the email moves to the address this link was sent to. Nothing happens before that. If you do not know of an account that is to move, close this page.',
    button: 'Confirm new address',
    done: {
      title: 'Your new email address is confirmed',
      text: 'From now on sign in with this address. Your old address was told, with a link that undoes the change.',
    },
    invalid: {
      title: 'This link cannot be used',
      text: 'It is incomplete, has expired, has already been used or was replaced by a newer one. If your account still has the old address, ask for the change again where you are signed in.',
    },
  },
  de: {
    title: 'Neue E-Mail-Adresse bestätigen',
    intro:
      'Mit dieser Schaltfläche zieht das Konto auf die Adresse um, an die dieser Link ging. Vorher geschieht nichts. Wenn Sie von keinem Konto wissen, das umziehen soll, schließen Sie diese Seite.',
    button: 'Neue Adresse bestätigen',
    done: {
      title: 'Ihre neue E-Mail-Adresse ist bestätigt',
      text: 'Melden Sie sich ab jetzt mit dieser Adresse an. Ihre alte Adresse wurde benachrichtigt und hat einen Link, der die Änderung rückgängig macht.',
    },
    invalid: {
      title: 'Dieser Link kann nicht verwendet werden',
      text: 'Er ist unvollständig, abgelaufen, bereits benutzt oder durch einen neueren ersetzt. Wenn Ihr Konto noch die alte Adresse hat, fordern Sie die Änderung dort, wo Sie angemeldet sind, noch einmal an.',
    },
  },
  es: {
    title: 'Confirme su nueva dirección de correo',
    intro:
      'Con este botón la cuenta pasa a la dirección a la que se envió este enlace. Antes de eso no ocurre nada. Si no sabe de ninguna cuenta que deba cambiar de dirección, cierre esta página.',
    button: 'Confirmar la dirección nueva',
    done: {
      title: 'Su nueva dirección de correo está confirmada',
      text: 'A partir de ahora inicie sesión con esta dirección. Hemos avisado a su dirección anterior, con un enlace que deshace el cambio.',
    },
    invalid: {
      title: 'Este enlace no se puede usar',
      text: 'Está incompleto, ha caducado, ya se ha usado o se ha sustituido por otro más reciente. Si su cuenta tiene todavía la dirección anterior, vuelva a pedir el cambio donde tiene la sesión iniciada.',
    },
  },
  fr: {
    title: 'Confirmez votre nouvelle adresse e-mail',
    intro:
      'Avec ce bouton, le compte passe à l’adresse à laquelle ce lien a été envoyé. Rien ne se passe avant. Si vous ne connaissez aucun compte à déplacer, fermez cette page.',
    button: 'Confirmer la nouvelle adresse',
    done: {
      title: 'Votre nouvelle adresse e-mail est confirmée',
      text: 'Connectez-vous désormais avec cette adresse. Votre ancienne adresse a été prévenue, avec un lien qui annule la modification.',
    },
    invalid: {
      title: 'Ce lien ne peut pas être utilisé',
      text: 'Il est incomplet, a expiré, a déjà été utilisé ou a été remplacé par un lien plus récent. Si votre compte a encore l’ancienne adresse, demandez de nouveau la modification là où vous êtes connecté.',
    },
  },
};

/**
 * What the page behind the link of an invitation says. It only declines: accepting needs a signed-in account, which a
 * front end has and this page has not.
 */
import type { Locale } from '#core/locale.ts';
import type { LinkPageTexts } from './page-texts.ts';

export type AcceptInvitationTexts = LinkPageTexts & {
  organization: string;
  inviter: string;
  acceptTitle: string;
  accept: string;
  register: string;
  declineTitle: string;
};

export const ACCEPT_INVITATION_TEXTS: Record<Locale, AcceptInvitationTexts> = {
  en: {
    title: 'You have been invited',
    organization: 'Organization',
    inviter: 'Invited by',
    acceptTitle: 'To accept',
    accept:
      'Sign in where you use this service, with the address the invitation was sent to, and enter the code from the email.',
    register: 'If you have no account yet, register there with that address first.',
    declineTitle: 'To decline',
    intro: 'With this button the invitation ends. Nothing happens before that.',
    button: 'Decline the invitation',
    done: { title: 'You have declined the invitation', text: 'Nobody can use it any more. You can close this page.' },
    invalid: {
      title: 'This invitation cannot be used',
      text: 'The link is incomplete, or the invitation has expired, has already been answered, was revoked or was replaced by a newer one. Ask whoever invited you for a new one.',
    },
  },
  de: {
    title: 'Sie wurden eingeladen',
    organization: 'Organisation',
    inviter: 'Eingeladen von',
    acceptTitle: 'Annehmen',
    accept:
      'Melden Sie sich dort, wo Sie diesen Dienst nutzen, mit der Adresse an, an die die Einladung ging, und geben Sie den Code aus der E-Mail ein.',
    register: 'Falls Sie noch kein Konto haben, registrieren Sie sich dort zuerst mit dieser Adresse.',
    declineTitle: 'Ablehnen',
    intro: 'Mit dieser Schaltfläche endet die Einladung. Vorher geschieht nichts.',
    button: 'Einladung ablehnen',
    done: {
      title: 'Sie haben die Einladung abgelehnt',
      text: 'Niemand kann sie mehr verwenden. Sie können diese Seite schließen.',
    },
    invalid: {
      title: 'Diese Einladung kann nicht verwendet werden',
      text: 'Der Link ist unvollständig, oder die Einladung ist abgelaufen, bereits beantwortet, widerrufen oder durch eine neuere ersetzt. Bitten Sie die Person, die Sie eingeladen hat, um eine neue.',
    },
  },
  es: {
    title: 'Ha recibido una invitación',
    organization: 'Organización',
    inviter: 'Le invita',
    acceptTitle: 'Para aceptar',
    accept:
      'Inicie sesión donde utiliza este servicio, con la dirección a la que se envió la invitación, e introduzca el código del correo.',
    register: 'Si todavía no tiene una cuenta, regístrese allí primero con esa dirección.',
    declineTitle: 'Para rechazar',
    intro: 'Con este botón la invitación deja de ser válida. Antes de eso no ocurre nada.',
    button: 'Rechazar la invitación',
    done: { title: 'Ha rechazado la invitación', text: 'Ya nadie puede usarla. Puede cerrar esta página.' },
    invalid: {
      title: 'Esta invitación no se puede usar',
      text: 'El enlace está incompleto, o la invitación ha caducado, ya se ha respondido, se ha revocado o se ha sustituido por otra más reciente. Pida una nueva a quien le invitó.',
    },
  },
  fr: {
    title: 'Vous avez reçu une invitation',
    organization: 'Organisation',
    inviter: 'De la part de',
    acceptTitle: 'Pour accepter',
    accept:
      'Connectez-vous là où vous utilisez ce service, avec l’adresse à laquelle l’invitation a été envoyée, et saisissez le code reçu par e-mail.',
    register: 'Si vous n’avez pas encore de compte, inscrivez-vous-y d’abord avec cette adresse.',
    declineTitle: 'Pour refuser',
    intro: 'Avec ce bouton, l’invitation prend fin. Rien ne se passe avant.',
    button: 'Refuser l’invitation',
    done: {
      title: 'Vous avez refusé l’invitation',
      text: 'Plus personne ne peut l’utiliser. Vous pouvez fermer cette page.',
    },
    invalid: {
      title: 'Cette invitation ne peut pas être utilisée',
      text: 'Le lien est incomplet, ou l’invitation a expiré, a déjà reçu une réponse, a été révoquée ou a été remplacée par une plus récente. Demandez-en une nouvelle à la personne qui vous a invité.',
    },
  },
};

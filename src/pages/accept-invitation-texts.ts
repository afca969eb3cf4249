/**
 * The texts of the page that the link in an invitation opens. The page explains how to accept, and its button declines:
 * accepting needs a signed-in account, which a front end has and this page does not.
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
    acceptTitle: 'Accept the invitation',
    accept: 'Sign in with the email address that received the invitation, and enter the code from the email.',
    register: 'If you do not have an account yet, sign up with that address first.',
    declineTitle: 'Decline the invitation',
    intro: 'If you decline, the invitation will no longer be valid.',
    button: 'Decline invitation',
    done: {
      title: 'You have declined the invitation',
      text: 'The invitation is no longer valid. You can close this page.',
    },
    invalid: {
      title: 'This invitation is invalid or has expired',
      text: 'It may have been answered, revoked or replaced by a newer one. Ask the person who invited you for a new invitation.',
    },
  },
  de: {
    title: 'Sie wurden eingeladen',
    organization: 'Organisation',
    inviter: 'Eingeladen von',
    acceptTitle: 'Einladung annehmen',
    accept:
      'Melden Sie sich mit der E-Mail-Adresse an, an die die Einladung ging, und geben Sie den Code aus der E-Mail ein.',
    register: 'Wenn Sie noch kein Konto haben, registrieren Sie sich zuerst mit dieser Adresse.',
    declineTitle: 'Einladung ablehnen',
    intro: 'Wenn Sie ablehnen, ist die Einladung nicht mehr gültig.',
    button: 'Einladung ablehnen',
    done: {
      title: 'Sie haben die Einladung abgelehnt',
      text: 'Die Einladung ist nicht mehr gültig. Sie können diese Seite schließen.',
    },
    invalid: {
      title: 'Diese Einladung ist ungültig oder abgelaufen',
      text: 'Möglicherweise wurde sie bereits beantwortet, widerrufen oder durch eine neuere ersetzt. Bitten Sie die Person, die Sie eingeladen hat, um eine neue Einladung.',
    },
  },
  es: {
    title: 'Ha recibido una invitación',
    organization: 'Organización',
    inviter: 'Invitación de',
    acceptTitle: 'Aceptar la invitación',
    accept:
      'Inicie sesión con la dirección de correo en la que recibió la invitación e introduzca el código del correo.',
    register: 'Si todavía no tiene una cuenta, regístrese primero con esa dirección.',
    declineTitle: 'Rechazar la invitación',
    intro: 'Si la rechaza, la invitación dejará de ser válida.',
    button: 'Rechazar la invitación',
    done: {
      title: 'Ha rechazado la invitación',
      text: 'La invitación ya no es válida. Puede cerrar esta página.',
    },
    invalid: {
      title: 'Esta invitación no es válida o ha caducado',
      text: 'Es posible que ya se haya respondido, se haya revocado o que haya otra más reciente. Pida una nueva a la persona que le invitó.',
    },
  },
  fr: {
    title: 'Vous avez reçu une invitation',
    organization: 'Organisation',
    inviter: 'De la part de',
    acceptTitle: 'Accepter l’invitation',
    accept:
      'Connectez-vous avec l’adresse e-mail à laquelle l’invitation a été envoyée et saisissez le code reçu dans l’e-mail.',
    register: 'Si vous n’avez pas encore de compte, inscrivez-vous d’abord avec cette adresse.',
    declineTitle: 'Refuser l’invitation',
    intro: 'Si vous refusez, l’invitation ne sera plus valable.',
    button: 'Refuser l’invitation',
    done: {
      title: 'Vous avez refusé l’invitation',
      text: 'L’invitation n’est plus valable. Vous pouvez fermer cette page.',
    },
    invalid: {
      title: 'Cette invitation n’est pas valide ou a expiré',
      text: 'Elle a peut-être déjà reçu une réponse, ou a été révoquée ou remplacée par une plus récente. Demandez-en une nouvelle à la personne qui vous a invité.',
    },
  },
};

/**
 * The texts of the page that the link in an invitation opens. Accepting needs a signed-in account, which the operator's
 * app has and this page does not: it leads there, if it knows where that is. Its own button declines.
 */
import type { Locale } from '#core/locale.ts';
import type { LinkPageTexts } from './page-texts.ts';

export type AcceptInvitationTexts = LinkPageTexts & {
  organization: string;
  inviter: string;
  accept: string;
  /** Beside the button that leads to the app. */
  inApp: (app: string | null) => string;
  /** Where it is not known where the app is. */
  withoutApp: string;
};

export const ACCEPT_INVITATION_TEXTS: Record<Locale, AcceptInvitationTexts> = {
  en: {
    title: 'You have been invited',
    organization: 'Organization',
    inviter: 'Invited by',
    accept: 'Accept invitation',
    inApp: (app) =>
      `You sign in${app === null ? '' : ` to ${app}`} with the email address that received this invitation. If you have no account yet, sign up with that address.`,
    withoutApp:
      'To accept, go to the app that you were invited to. Sign in with the email address that received this invitation, or sign up with it, and enter the code from the email. You cannot accept on this page.',
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
    accept: 'Einladung annehmen',
    inApp: (app) =>
      `Sie melden sich${app === null ? '' : ` bei ${app}`} mit der E-Mail-Adresse an, an die diese Einladung ging. Falls Sie noch kein Konto haben, registrieren Sie sich mit dieser Adresse.`,
    withoutApp:
      'Um anzunehmen, öffnen Sie die Anwendung, in die Sie eingeladen wurden. Melden Sie sich mit der E-Mail-Adresse an, an die diese Einladung ging, oder registrieren Sie sich damit, und geben Sie den Code aus der E-Mail ein. Auf dieser Seite können Sie nicht annehmen.',
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
    accept: 'Aceptar la invitación',
    inApp: (app) =>
      `Iniciará sesión${app === null ? '' : ` en ${app}`} con la dirección de correo en la que recibió esta invitación. Si todavía no tiene una cuenta, regístrese con esa dirección.`,
    withoutApp:
      'Para aceptarla, abra la aplicación a la que le han invitado. Inicie sesión con la dirección de correo en la que recibió esta invitación, o regístrese con ella, e introduzca el código del correo. En esta página no se puede aceptar.',
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
    accept: 'Accepter l’invitation',
    inApp: (app) =>
      `Vous vous connecterez${app === null ? '' : ` à ${app}`} avec l’adresse e-mail à laquelle cette invitation a été envoyée. Si vous n’avez pas encore de compte, inscrivez-vous avec cette adresse.`,
    withoutApp:
      'Pour accepter, ouvrez l’application à laquelle vous êtes invité. Connectez-vous avec l’adresse e-mail à laquelle cette invitation a été envoyée, ou inscrivez-vous avec elle, puis saisissez le code reçu par e-mail. Cette page ne permet pas d’accepter.',
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

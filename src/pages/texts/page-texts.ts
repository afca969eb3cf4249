/** The texts that all pages share, in every language. */
import { formatCount, type Locale } from '#core/locale.ts';

export type Notice = { title: string; text: string };

/** The texts of one page that an emailed link opens. */
export type LinkPageTexts = {
  title: string;
  intro: string;
  button: string;
  done: Notice;
  /** One text for a token that is missing, malformed, wrong, used, replaced or expired. */
  invalid: Notice;
};

/** The texts of a page that mentions passwords, and what it says instead where they do not sign in. */
export type PasswordPageTexts = LinkPageTexts & { withoutPasswords: Partial<LinkPageTexts> };

/** @param hasPasswords whether passwords sign in (SIGN_IN_METHODS) */
export function textsFor(
  texts: Record<Locale, PasswordPageTexts>,
  hasPasswords: boolean,
): Record<Locale, LinkPageTexts> {
  if (hasPasswords) return texts;
  const instead = ({ withoutPasswords, ...rest }: PasswordPageTexts) => ({ ...rest, ...withoutPasswords });
  return { en: instead(texts.en), de: instead(texts.de), es: instead(texts.es), fr: instead(texts.fr) };
}

export type PageTexts = {
  /** Goes in front of the title of a form that is shown again, so that a screen reader announces it first. */
  errorPrefix: string;
  wait: (seconds: number) => Notice;
  busy: Notice;
  unavailable: Notice;
  failed: Notice;
  badForm: Notice;
  /** An address that leads nowhere, such as the first half of a link. */
  notFound: Notice;
  /** On the button that leads back to the app. */
  goOn: (app: string | null) => string;
};

export const PAGE_TEXTS: Record<Locale, PageTexts> = {
  en: {
    errorPrefix: 'Error: ',
    wait: (seconds) => ({
      title: 'Too many attempts',
      text: `Please try again in ${duration(seconds, 'en')}.`,
    }),
    busy: { title: 'The service is busy', text: 'Nothing has been changed. Please try again in a moment.' },
    unavailable: {
      title: 'The service is temporarily unavailable',
      text: 'Please open the link in the email again in a moment.',
    },
    failed: { title: 'Something went wrong', text: 'There was an error on our side. Please try again later.' },
    badForm: { title: 'This request could not be processed', text: 'Please open the link in the email again.' },
    notFound: {
      title: 'This page does not exist',
      text: 'Please check the address. If it came from an email, open the link in the email again.',
    },
    goOn: (app) => (app === null ? 'Continue' : `Continue to ${app}`),
  },
  de: {
    errorPrefix: 'Fehler: ',
    wait: (seconds) => ({
      title: 'Zu viele Versuche',
      text: `Bitte versuchen Sie es in ${duration(seconds, 'de')} erneut.`,
    }),
    busy: {
      title: 'Der Dienst ist ausgelastet',
      text: 'Es wurde nichts geändert. Bitte versuchen Sie es gleich noch einmal.',
    },
    unavailable: {
      title: 'Der Dienst ist vorübergehend nicht erreichbar',
      text: 'Bitte öffnen Sie den Link in der E-Mail in ein paar Augenblicken noch einmal.',
    },
    failed: {
      title: 'Etwas ist schiefgegangen',
      text: 'Auf unserer Seite ist ein Fehler aufgetreten. Bitte versuchen Sie es später noch einmal.',
    },
    badForm: {
      title: 'Die Anfrage konnte nicht verarbeitet werden',
      text: 'Bitte öffnen Sie den Link in der E-Mail noch einmal.',
    },
    notFound: {
      title: 'Diese Seite gibt es nicht',
      text: 'Bitte prüfen Sie die Adresse. Wenn sie aus einer E-Mail stammt, öffnen Sie den Link in der E-Mail noch einmal.',
    },
    goOn: (app) => (app === null ? 'Weiter' : `Weiter zu ${app}`),
  },
  es: {
    errorPrefix: 'Error: ',
    wait: (seconds) => ({
      title: 'Demasiados intentos',
      text: `Inténtelo de nuevo dentro de ${duration(seconds, 'es')}.`,
    }),
    busy: {
      title: 'El servicio está saturado',
      text: 'No se ha cambiado nada. Inténtelo de nuevo dentro de un momento.',
    },
    unavailable: {
      title: 'El servicio no está disponible en este momento',
      text: 'Vuelva a abrir el enlace del correo dentro de un momento.',
    },
    failed: {
      title: 'Algo ha salido mal',
      text: 'Se ha producido un error por nuestra parte. Inténtelo de nuevo más tarde.',
    },
    badForm: {
      title: 'No se ha podido procesar la solicitud',
      text: 'Vuelva a abrir el enlace del correo.',
    },
    notFound: {
      title: 'Esta página no existe',
      text: 'Compruebe la dirección. Si procede de un correo, vuelva a abrir el enlace del correo.',
    },
    goOn: (app) => (app === null ? 'Continuar' : `Continuar a ${app}`),
  },
  fr: {
    errorPrefix: 'Erreur\u00a0: ',
    wait: (seconds) => ({
      title: 'Trop de tentatives',
      text: `Veuillez réessayer dans ${duration(seconds, 'fr')}.`,
    }),
    busy: { title: 'Le service est surchargé', text: 'Rien n’a été modifié. Veuillez réessayer dans un instant.' },
    unavailable: {
      title: 'Le service est momentanément indisponible',
      text: 'Veuillez ouvrir de nouveau le lien reçu par e-mail dans un instant.',
    },
    failed: {
      title: 'Une erreur s’est produite',
      text: 'Le problème vient de notre côté. Veuillez réessayer plus tard.',
    },
    badForm: {
      title: 'La demande n’a pas pu être traitée',
      text: 'Veuillez ouvrir de nouveau le lien reçu par e-mail.',
    },
    notFound: {
      title: 'Cette page n’existe pas',
      text: 'Veuillez vérifier l’adresse. Si elle vient d’un e-mail, veuillez ouvrir de nouveau le lien reçu.',
    },
    goOn: (app) => (app === null ? 'Continuer' : `Continuer vers ${app}`),
  },
};

/** Seconds up to two minutes, then minutes. Rounded up, so that nobody tries again too soon. */
function duration(seconds: number, locale: Locale): string {
  return seconds < 120
    ? formatCount(Math.max(1, Math.ceil(seconds)), 'second', locale)
    : formatCount(Math.ceil(seconds / 60), 'minute', locale);
}

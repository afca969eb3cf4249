/** What every page may have to say, in every language. */
import type { Locale } from '#core/locale.ts';

export type Notice = { title: string; text: string };

/** The texts of one thing that a mailed link leads to. */
export type LinkPageTexts = {
  title: string;
  intro: string;
  button: string;
  done: Notice;
  /** Missing, malformed, wrong, used, replaced and expired are told alike. */
  invalid: Notice;
};

export type PageTexts = {
  /** Put before the title of a form that comes back, where a screen reader starts. */
  errorPrefix: string;
  wait: (seconds: number) => Notice;
  busy: Notice;
  failed: Notice;
  badForm: Notice;
};

export const PAGE_TEXTS: Record<Locale, PageTexts> = {
  en: {
    errorPrefix: 'Error: ',
    wait: (seconds) => ({
      title: 'Too many attempts',
      text: `Please try again in ${duration(seconds, 'en')}.`,
    }),
    busy: { title: 'The service is busy', text: 'Nothing has been changed. Please try again in a moment.' },
    failed: { title: 'Something went wrong', text: 'The fault is ours. Please try again later.' },
    badForm: { title: 'This form cannot be read', text: 'Please open the link in the email again.' },
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
    failed: {
      title: 'Etwas ist schiefgegangen',
      text: 'Der Fehler liegt bei uns. Bitte versuchen Sie es später noch einmal.',
    },
    badForm: {
      title: 'Dieses Formular kann nicht gelesen werden',
      text: 'Bitte öffnen Sie den Link in der E-Mail noch einmal.',
    },
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
    failed: { title: 'Algo ha salido mal', text: 'El fallo es nuestro. Inténtelo de nuevo más tarde.' },
    badForm: {
      title: 'Este formulario no se puede leer',
      text: 'Abra de nuevo, por favor, el enlace del correo.',
    },
  },
  fr: {
    errorPrefix: 'Erreur\u00a0: ',
    wait: (seconds) => ({
      title: 'Trop de tentatives',
      text: `Veuillez réessayer dans ${duration(seconds, 'fr')}.`,
    }),
    busy: { title: 'Le service est surchargé', text: 'Rien n’a été modifié. Veuillez réessayer dans un instant.' },
    failed: {
      title: 'Une erreur s’est produite',
      text: 'L’erreur vient de nous. Veuillez réessayer plus tard.',
    },
    badForm: {
      title: 'Ce formulaire ne peut pas être lu',
      text: 'Veuillez ouvrir de nouveau le lien reçu par e-mail.',
    },
  },
};

/** Seconds up to two minutes, then whole minutes, rounded up: never sooner than the truth. */
function duration(seconds: number, locale: Locale): string {
  const [unit, count] =
    seconds < 120 ? ['second', Math.max(1, Math.ceil(seconds))] : ['minute', Math.ceil(seconds / 60)];
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(count);
}

/** What the page behind the link of a confirmation mail says. */
import type { Locale } from '#core/locale.ts';
import type { LinkPageTexts } from './page-texts.ts';

export const VERIFY_EMAIL_TEXTS: Record<Locale, LinkPageTexts> = {
  en: {
    title: 'Confirm your email address',
    intro: 'With this button you confirm that the address this link was sent to is yours. Nothing happens before that.',
    button: 'Confirm email address',
    done: {
      title: 'Your email address is confirmed',
      text: 'You can close this page and sign in where you registered.',
    },
    invalid: {
      title: 'This link cannot be used',
      text: 'It is incomplete, has expired, has already been used or was replaced by a newer one. If you can sign in, your address is already confirmed; if not, ask for a new confirmation mail where you registered.',
    },
  },
  de: {
    title: 'E-Mail-Adresse bestätigen',
    intro:
      'Mit dieser Schaltfläche bestätigen Sie, dass die Adresse, an die dieser Link ging, Ihnen gehört. Vorher geschieht nichts.',
    button: 'E-Mail-Adresse bestätigen',
    done: {
      title: 'Ihre E-Mail-Adresse ist bestätigt',
      text: 'Sie können diese Seite schließen und sich dort anmelden, wo Sie sich registriert haben.',
    },
    invalid: {
      title: 'Dieser Link kann nicht verwendet werden',
      text: 'Er ist unvollständig, abgelaufen, bereits benutzt oder durch einen neueren ersetzt. Wenn Sie sich anmelden können, ist Ihre Adresse schon bestätigt; wenn nicht, fordern Sie dort, wo Sie sich registriert haben, eine neue Bestätigungsmail an.',
    },
  },
  es: {
    title: 'Confirme su dirección de correo',
    intro:
      'Con este botón confirma que la dirección a la que se envió este enlace es suya. Antes de eso no ocurre nada.',
    button: 'Confirmar la dirección de correo',
    done: {
      title: 'Su dirección de correo está confirmada',
      text: 'Puede cerrar esta página e iniciar sesión donde se registró.',
    },
    invalid: {
      title: 'Este enlace no se puede usar',
      text: 'Está incompleto, ha caducado, ya se ha usado o se ha sustituido por otro más reciente. Si puede iniciar sesión, su dirección ya está confirmada; si no, solicite un nuevo correo de confirmación donde se registró.',
    },
  },
  fr: {
    title: 'Confirmez votre adresse e-mail',
    intro:
      'Avec ce bouton, vous confirmez que l’adresse à laquelle ce lien a été envoyé est la vôtre. Rien ne se passe avant.',
    button: 'Confirmer l’adresse e-mail',
    done: {
      title: 'Votre adresse e-mail est confirmée',
      text: 'Vous pouvez fermer cette page et vous connecter là où vous vous êtes inscrit.',
    },
    invalid: {
      title: 'Ce lien ne peut pas être utilisé',
      text: 'Il est incomplet, a expiré, a déjà été utilisé ou a été remplacé par un lien plus récent. Si vous pouvez vous connecter, votre adresse est déjà confirmée\u00a0; sinon, demandez un nouvel e-mail de confirmation là où vous vous êtes inscrit.',
    },
  },
};

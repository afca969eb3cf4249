/** The texts of the page that signs in with the link of an email. */
import type { Locale } from '#core/locale.ts';
import type { Notice } from './page-texts.ts';

type Texts = {
  title: string;
  account: string;
  intro: string;
  button: string;
  factorTitle: string;
  factorLabel: string;
  factorHint: string;
  factorButton: string;
  wrong: Notice;
  done: Notice;
  invalid: Notice;
};

export const EMAIL_SIGN_IN_TEXTS: Record<Locale, Texts> = {
  en: {
    title: 'Sign in',
    account: 'Account:',
    intro: 'You will be signed in on this device, in this browser. If you did not ask for it, close this page.',
    button: 'Sign in',
    factorTitle: 'One more step',
    factorLabel: 'Code',
    factorHint: 'Six digits from your authenticator app, or a recovery code.',
    factorButton: 'Confirm',
    wrong: { title: 'This code is not valid', text: 'Please try again with the code that your app shows now.' },
    done: { title: 'You are signed in', text: 'You can close this page and go back to the application.' },
    invalid: {
      title: 'You were not signed in',
      text: 'The link may have expired, been used already, or had too many wrong codes. To get a new email, start again where you sign in.',
    },
  },
  de: {
    title: 'Anmelden',
    account: 'Konto:',
    intro:
      'Sie werden auf diesem Gerät in diesem Browser angemeldet. Falls Sie das nicht angefordert haben, schließen Sie diese Seite.',
    button: 'Anmelden',
    factorTitle: 'Noch ein Schritt',
    factorLabel: 'Code',
    factorHint: 'Sechs Ziffern aus Ihrer Authentifizierungs-App oder ein Wiederherstellungscode.',
    factorButton: 'Bestätigen',
    wrong: {
      title: 'Dieser Code ist nicht gültig',
      text: 'Bitte versuchen Sie es mit dem Code, den Ihre App jetzt anzeigt.',
    },
    done: { title: 'Sie sind angemeldet', text: 'Sie können diese Seite schließen und zur Anwendung zurückkehren.' },
    invalid: {
      title: 'Sie wurden nicht angemeldet',
      text: 'Der Link ist möglicherweise abgelaufen oder wurde bereits verwendet, oder es wurden zu viele falsche Codes eingegeben. Um eine neue E-Mail zu erhalten, beginnen Sie die Anmeldung von vorn.',
    },
  },
  es: {
    title: 'Iniciar sesión',
    account: 'Cuenta:',
    intro: 'Se iniciará su sesión en este dispositivo, en este navegador. Si no lo ha solicitado, cierre esta página.',
    button: 'Iniciar sesión',
    factorTitle: 'Un paso más',
    factorLabel: 'Código',
    factorHint: 'Seis cifras de su aplicación de autenticación o un código de recuperación.',
    factorButton: 'Confirmar',
    wrong: {
      title: 'Este código no es válido',
      text: 'Inténtelo de nuevo con el código que su aplicación muestra ahora.',
    },
    done: { title: 'Ha iniciado sesión', text: 'Puede cerrar esta página y volver a la aplicación.' },
    invalid: {
      title: 'No se ha iniciado la sesión',
      text: 'Es posible que el enlace haya caducado, que ya se haya usado o que se hayan introducido demasiados códigos incorrectos. Para recibir un correo nuevo, empiece de nuevo el inicio de sesión.',
    },
  },
  fr: {
    title: 'Se connecter',
    account: 'Compte\u00a0:',
    intro:
      'Vous serez connecté sur cet appareil, dans ce navigateur. Si vous ne l’avez pas demandé, fermez cette page.',
    button: 'Se connecter',
    factorTitle: 'Encore une étape',
    factorLabel: 'Code',
    factorHint: 'Six chiffres de votre application d’authentification, ou un code de récupération.',
    factorButton: 'Confirmer',
    wrong: {
      title: 'Ce code n’est pas valable',
      text: 'Réessayez avec le code que votre application affiche maintenant.',
    },
    done: { title: 'Vous êtes connecté', text: 'Vous pouvez fermer cette page et revenir à l’application.' },
    invalid: {
      title: 'Vous n’avez pas été connecté',
      text: 'Le lien a peut-être expiré ou déjà été utilisé, ou trop de codes erronés ont été saisis. Pour recevoir un nouvel e-mail, recommencez la connexion.',
    },
  },
};

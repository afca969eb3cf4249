/** What the page behind the link of a reset mail says. */
import type { Locale } from '#core/locale.ts';
import type { PasswordProblemCode } from '#core/passwords/password.ts';
import type { LinkPageTexts } from './page-texts.ts';

export type ResetPasswordTexts = LinkPageTexts & {
  label: string;
  requirements: (minLength: number) => string;
  problemsTitle: string;
  problems: Record<PasswordProblemCode, (minLength: number) => string>;
};

export const RESET_PASSWORD_TEXTS: Record<Locale, ResetPasswordTexts> = {
  en: {
    title: 'Choose a new password',
    intro: 'After that you are signed out on all devices and sign in again with the new password.',
    button: 'Set password',
    label: 'New password',
    requirements: (n) =>
      `At least ${n} characters. Everything is allowed, spaces too; several unrelated words make a good password.`,
    problemsTitle: 'Please choose another password',
    problems: {
      TOO_SHORT: (n) => `The password is too short: it needs at least ${n} characters.`,
      TOO_LONG: () => 'The password is too long.',
      INVALID_CHARACTERS: () => 'The password holds characters that cannot be accepted.',
      TOO_COMMON: () => 'This password is among those that are tried first. Please choose another.',
      CONTAINS_PERSONAL_DATA: () => 'The password is made of your name or your address. Please choose another.',
    },
    done: {
      title: 'Your password has been changed',
      text: 'All devices have been signed out. You can close this page and sign in with the new password.',
    },
    invalid: {
      title: 'This link cannot be used',
      text: 'It is incomplete, has expired, has already been used or was replaced by a newer one. Ask for a new email where you sign in, with “Forgot your password?”.',
    },
  },
  de: {
    title: 'Neues Passwort wählen',
    intro: 'Danach sind Sie auf allen Geräten abgemeldet und melden sich mit dem neuen Passwort wieder an.',
    button: 'Passwort setzen',
    label: 'Neues Passwort',
    requirements: (n) =>
      `Mindestens ${n} Zeichen. Alles ist erlaubt, auch Leerzeichen; mehrere Wörter ohne Zusammenhang ergeben ein gutes Passwort.`,
    problemsTitle: 'Bitte wählen Sie ein anderes Passwort',
    problems: {
      TOO_SHORT: (n) => `Das Passwort ist zu kurz: Es braucht mindestens ${n} Zeichen.`,
      TOO_LONG: () => 'Das Passwort ist zu lang.',
      INVALID_CHARACTERS: () => 'Das Passwort enthält Zeichen, die nicht angenommen werden können.',
      TOO_COMMON: () => 'Dieses Passwort gehört zu denen, die zuerst ausprobiert werden. Bitte wählen Sie ein anderes.',
      CONTAINS_PERSONAL_DATA: () =>
        'Das Passwort besteht aus Ihrem Namen oder Ihrer Adresse. Bitte wählen Sie ein anderes.',
    },
    done: {
      title: 'Ihr Passwort wurde geändert',
      text: 'Alle Geräte wurden abgemeldet. Sie können diese Seite schließen und sich mit dem neuen Passwort anmelden.',
    },
    invalid: {
      title: 'Dieser Link kann nicht verwendet werden',
      text: 'Er ist unvollständig, abgelaufen, bereits benutzt oder durch einen neueren ersetzt. Fordern Sie dort, wo Sie sich anmelden, mit „Passwort vergessen?“ eine neue Nachricht an.',
    },
  },
  es: {
    title: 'Elija una contraseña nueva',
    intro: 'Después se cerrará la sesión en todos los dispositivos y podrá iniciarla con la contraseña nueva.',
    button: 'Establecer la contraseña',
    label: 'Contraseña nueva',
    requirements: (n) =>
      `Al menos ${n} caracteres. Se permite todo, también espacios; varias palabras sin relación forman una buena contraseña.`,
    problemsTitle: 'Elija otra contraseña, por favor',
    problems: {
      TOO_SHORT: (n) => `La contraseña es demasiado corta: necesita al menos ${n} caracteres.`,
      TOO_LONG: () => 'La contraseña es demasiado larga.',
      INVALID_CHARACTERS: () => 'La contraseña contiene caracteres que no se pueden aceptar.',
      TOO_COMMON: () => 'Esta contraseña es de las que se prueban primero. Elija otra, por favor.',
      CONTAINS_PERSONAL_DATA: () => 'La contraseña está formada por su nombre o su dirección. Elija otra, por favor.',
    },
    done: {
      title: 'Su contraseña se ha cambiado',
      text: 'Se ha cerrado la sesión en todos los dispositivos. Puede cerrar esta página e iniciar sesión con la contraseña nueva.',
    },
    invalid: {
      title: 'Este enlace no se puede usar',
      text: 'Está incompleto, ha caducado, ya se ha usado o se ha sustituido por otro más reciente. Solicite un nuevo correo donde inicia sesión, con «¿Ha olvidado su contraseña?».',
    },
  },
  fr: {
    title: 'Choisissez un nouveau mot de passe',
    intro: 'Vous serez ensuite déconnecté de tous les appareils et vous reconnecterez avec le nouveau mot de passe.',
    button: 'Définir le mot de passe',
    label: 'Nouveau mot de passe',
    requirements: (n) =>
      `Au moins ${n} caractères. Tout est permis, même les espaces\u00a0; plusieurs mots sans rapport forment un bon mot de passe.`,
    problemsTitle: 'Veuillez choisir un autre mot de passe',
    problems: {
      TOO_SHORT: (n) => `Le mot de passe est trop court\u00a0: il faut au moins ${n} caractères.`,
      TOO_LONG: () => 'Le mot de passe est trop long.',
      INVALID_CHARACTERS: () => 'Le mot de passe contient des caractères qui ne peuvent pas être acceptés.',
      TOO_COMMON: () =>
        'Ce mot de passe fait partie de ceux qui sont essayés en premier. Veuillez en choisir un autre.',
      CONTAINS_PERSONAL_DATA: () =>
        'Le mot de passe est formé de votre nom ou de votre adresse. Veuillez en choisir un autre.',
    },
    done: {
      title: 'Votre mot de passe a été modifié',
      text: 'Tous les appareils ont été déconnectés. Vous pouvez fermer cette page et vous connecter avec le nouveau mot de passe.',
    },
    invalid: {
      title: 'Ce lien ne peut pas être utilisé',
      text: 'Il est incomplet, a expiré, a déjà été utilisé ou a été remplacé par un lien plus récent. Demandez un nouvel e-mail là où vous vous connectez, avec «\u00a0Mot de passe oublié\u00a0?\u00a0».',
    },
  },
};

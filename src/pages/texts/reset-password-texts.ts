/** The texts of the page that the link in a reset email opens. */
import type { Locale } from '#core/locale.ts';
import type { PasswordProblemCode } from '#core/passwords/password.ts';
import type { PasswordPageTexts } from './page-texts.ts';

export type ResetPasswordTexts = PasswordPageTexts & {
  /** The label of the address of the account. */
  username: string;
  label: string;
  requirements: (minLength: number) => string;
  problemsTitle: string;
  problems: Record<PasswordProblemCode, (minLength: number) => string>;
};

export const RESET_PASSWORD_TEXTS: Record<Locale, ResetPasswordTexts> = {
  en: {
    title: 'Choose a new password',
    intro: 'You will be signed out on all devices, and can then sign in with the new password.',
    button: 'Set password',
    username: 'Email address',
    label: 'New password',
    requirements: (n) => `At least ${n} characters. Several unrelated words make a good password; spaces are allowed.`,
    problemsTitle: 'Choose a different password',
    problems: {
      TOO_SHORT: (n) => `The password is too short. It must have at least ${n} characters.`,
      TOO_LONG: () => 'The password is too long.',
      INVALID_CHARACTERS: () => 'The password contains characters that are not allowed.',
      TOO_COMMON: () => 'This password is too common and easy to guess.',
      BREACHED: () => 'This password is known from a data breach, so attackers try it.',
      CONTAINS_PERSONAL_DATA: () => 'The password is too similar to your name, email address, or phone number.',
    },
    done: {
      title: 'Your password has been changed',
      text: 'You have been signed out on all devices. You can close this page and sign in with the new password.',
    },
    invalid: {
      title: 'This link is invalid or has expired',
      text: 'It may have been used already or replaced by a newer one. To get a new email, choose “Forgot your password?” where you sign in.',
    },
    withoutPasswords: {
      invalid: {
        title: 'This link can no longer be used',
        text: 'To sign in, request an email on the sign-in page.',
      },
    },
  },
  de: {
    title: 'Neues Passwort wählen',
    intro: 'Sie werden auf allen Geräten abgemeldet und können sich danach mit dem neuen Passwort anmelden.',
    button: 'Passwort festlegen',
    username: 'E-Mail-Adresse',
    label: 'Neues Passwort',
    requirements: (n) =>
      `Mindestens ${n} Zeichen. Mehrere Wörter ohne Zusammenhang ergeben ein gutes Passwort; Leerzeichen sind erlaubt.`,
    problemsTitle: 'Bitte wählen Sie ein anderes Passwort',
    problems: {
      TOO_SHORT: (n) => `Das Passwort ist zu kurz. Es muss mindestens ${n} Zeichen lang sein.`,
      TOO_LONG: () => 'Das Passwort ist zu lang.',
      INVALID_CHARACTERS: () => 'Das Passwort enthält Zeichen, die nicht erlaubt sind.',
      TOO_COMMON: () => 'Dieses Passwort ist zu verbreitet und leicht zu erraten.',
      BREACHED: () => 'Dieses Passwort ist aus einem Datenleck bekannt und wird deshalb von Angreifern ausprobiert.',
      CONTAINS_PERSONAL_DATA: () =>
        'Das Passwort ist Ihrem Namen, Ihrer E-Mail-Adresse oder Ihrer Telefonnummer zu ähnlich.',
    },
    done: {
      title: 'Ihr Passwort wurde geändert',
      text: 'Sie wurden auf allen Geräten abgemeldet. Sie können diese Seite schließen und sich mit dem neuen Passwort anmelden.',
    },
    invalid: {
      title: 'Dieser Link ist ungültig oder abgelaufen',
      text: 'Möglicherweise wurde er bereits verwendet oder durch einen neueren ersetzt. Um eine neue E-Mail zu erhalten, wählen Sie bei der Anmeldung „Passwort vergessen?“.',
    },
    withoutPasswords: {
      invalid: {
        title: 'Dieser Link kann nicht mehr verwendet werden',
        text: 'Um sich anzumelden, fordern Sie auf der Anmeldeseite eine E-Mail an.',
      },
    },
  },
  es: {
    title: 'Elija una contraseña nueva',
    intro: 'Se cerrará su sesión en todos los dispositivos y podrá iniciarla de nuevo con la contraseña nueva.',
    button: 'Establecer la contraseña',
    username: 'Dirección de correo',
    label: 'Contraseña nueva',
    requirements: (n) =>
      `Al menos ${n} caracteres. Varias palabras sin relación entre sí forman una buena contraseña; se permiten espacios.`,
    problemsTitle: 'Elija otra contraseña',
    problems: {
      TOO_SHORT: (n) => `La contraseña es demasiado corta. Debe tener al menos ${n} caracteres.`,
      TOO_LONG: () => 'La contraseña es demasiado larga.',
      INVALID_CHARACTERS: () => 'La contraseña contiene caracteres no permitidos.',
      TOO_COMMON: () => 'Esta contraseña es demasiado común y fácil de adivinar.',
      BREACHED: () => 'Esta contraseña se ha filtrado en una brecha de datos, así que los atacantes la prueban.',
      CONTAINS_PERSONAL_DATA: () =>
        'La contraseña se parece demasiado a su nombre, su dirección de correo o su número de teléfono.',
    },
    done: {
      title: 'Su contraseña se ha cambiado',
      text: 'Se ha cerrado su sesión en todos los dispositivos. Puede cerrar esta página e iniciar sesión con la contraseña nueva.',
    },
    invalid: {
      title: 'Este enlace no es válido o ha caducado',
      text: 'Es posible que ya se haya usado o que haya otro más reciente. Para recibir un correo nuevo, elija «¿Ha olvidado su contraseña?» al iniciar sesión.',
    },
    withoutPasswords: {
      invalid: {
        title: 'Este enlace ya no se puede usar',
        text: 'Para iniciar sesión, solicite un correo en la página de inicio de sesión.',
      },
    },
  },
  fr: {
    title: 'Choisissez un nouveau mot de passe',
    intro: 'Vous serez déconnecté de tous vos appareils et pourrez vous reconnecter avec le nouveau mot de passe.',
    button: 'Définir le mot de passe',
    username: 'Adresse e-mail',
    label: 'Nouveau mot de passe',
    requirements: (n) =>
      `Au moins ${n} caractères. Plusieurs mots sans rapport entre eux forment un bon mot de passe\u00a0; les espaces sont autorisés.`,
    problemsTitle: 'Choisissez un autre mot de passe',
    problems: {
      TOO_SHORT: (n) => `Le mot de passe est trop court. Il doit comporter au moins ${n} caractères.`,
      TOO_LONG: () => 'Le mot de passe est trop long.',
      INVALID_CHARACTERS: () => 'Le mot de passe contient des caractères non autorisés.',
      TOO_COMMON: () => 'Ce mot de passe est trop courant et facile à deviner.',
      BREACHED: () => 'Ce mot de passe figure dans une fuite de données ; les pirates l’essaient donc.',
      CONTAINS_PERSONAL_DATA: () =>
        'Le mot de passe ressemble trop à votre nom, à votre adresse e-mail ou à votre numéro de téléphone.',
    },
    done: {
      title: 'Votre mot de passe a été modifié',
      text: 'Vous avez été déconnecté de tous vos appareils. Vous pouvez fermer cette page et vous connecter avec le nouveau mot de passe.',
    },
    invalid: {
      title: 'Ce lien n’est pas valide ou a expiré',
      text: 'Il a peut-être déjà été utilisé ou remplacé par un lien plus récent. Pour recevoir un nouvel e-mail, choisissez «\u00a0Mot de passe oublié\u00a0?\u00a0» lors de la connexion.',
    },
    withoutPasswords: {
      invalid: {
        title: 'Ce lien ne peut plus être utilisé',
        text: 'Pour vous connecter, demandez un e-mail sur la page de connexion.',
      },
    },
  },
};

/**
 * The texts of the page that the link in an email about lost second factors opens. The email comes after the right
 * password, so where passwords do not sign in, no link can be used.
 */
import type { Locale } from '#core/locale.ts';
import type { PasswordPageTexts } from './page-texts.ts';

export const RESET_SECOND_FACTORS_TEXTS: Record<Locale, PasswordPageTexts> = {
  en: {
    title: 'Remove your lost second factors?',
    intro:
      'They will be removed after three days, but not within two weeks of a password reset by email. If you find them in the meantime, sign in with one of them: that stops the removal.',
    button: 'Remove second factors',
    done: {
      title: 'Your second factors will be removed',
      text: 'We have sent you an email that says when. After that, signing in no longer takes a second factor.',
    },
    invalid: {
      title: 'This link is invalid or has expired',
      text: 'It may have been used already or replaced by a newer one. To get a new email, sign in with your password and ask again.',
    },
    withoutPasswords: {
      invalid: {
        title: 'This link is invalid or has expired',
        text: 'If you have lost your second factors and your recovery codes, contact support.',
      },
    },
  },
  de: {
    title: 'Verlorene zweite Faktoren entfernen?',
    intro:
      'Sie werden nach drei Tagen entfernt, frühestens aber zwei Wochen, nachdem das Passwort per E-Mail zurückgesetzt wurde. Wenn Sie sie bis dahin wiederfinden, melden Sie sich mit einem davon an: Das verhindert die Entfernung.',
    button: 'Zweite Faktoren entfernen',
    done: {
      title: 'Ihre zweiten Faktoren werden entfernt',
      text: 'Wir haben Ihnen eine E-Mail mit dem Zeitpunkt gesendet. Danach ist zur Anmeldung kein zweiter Faktor mehr nötig.',
    },
    invalid: {
      title: 'Dieser Link ist ungültig oder abgelaufen',
      text: 'Möglicherweise wurde er bereits verwendet oder durch einen neueren ersetzt. Um eine neue E-Mail zu erhalten, melden Sie sich mit Ihrem Passwort an und fragen Sie noch einmal danach.',
    },
    withoutPasswords: {
      invalid: {
        title: 'Dieser Link ist ungültig oder abgelaufen',
        text: 'Falls Sie Ihre zweiten Faktoren und Ihre Wiederherstellungscodes verloren haben, wenden Sie sich an den Support.',
      },
    },
  },
  es: {
    title: '¿Eliminar sus segundos factores perdidos?',
    intro:
      'Se eliminarán dentro de tres días, pero no antes de dos semanas desde que la contraseña se restableció por correo. Si los encuentra antes, inicie sesión con uno de ellos: eso detiene la eliminación.',
    button: 'Eliminar los segundos factores',
    done: {
      title: 'Sus segundos factores se eliminarán',
      text: 'Le hemos enviado un correo que indica cuándo. Después ya no hará falta un segundo factor para iniciar sesión.',
    },
    invalid: {
      title: 'Este enlace no es válido o ha caducado',
      text: 'Es posible que ya se haya usado o que haya otro más reciente. Para recibir un correo nuevo, inicie sesión con su contraseña y vuelva a pedirlo.',
    },
    withoutPasswords: {
      invalid: {
        title: 'Este enlace no es válido o ha caducado',
        text: 'Si ha perdido sus segundos factores y sus códigos de recuperación, póngase en contacto con el servicio de asistencia.',
      },
    },
  },
  fr: {
    title: 'Supprimer vos seconds facteurs perdus\u00a0?',
    intro:
      'Ils seront supprimés dans trois jours, mais au plus tôt deux semaines après une réinitialisation du mot de passe par e-mail. Si vous les retrouvez d’ici là, connectez-vous avec l’un d’eux\u00a0: cela arrête la suppression.',
    button: 'Supprimer les seconds facteurs',
    done: {
      title: 'Vos seconds facteurs seront supprimés',
      text: 'Nous vous avons envoyé un e-mail qui précise quand. Ensuite, aucun second facteur ne sera plus nécessaire pour vous connecter.',
    },
    invalid: {
      title: 'Ce lien n’est pas valide ou a expiré',
      text: 'Il a peut-être déjà été utilisé ou remplacé par un lien plus récent. Pour recevoir un nouvel e-mail, connectez-vous avec votre mot de passe et refaites la demande.',
    },
    withoutPasswords: {
      invalid: {
        title: 'Ce lien n’est pas valide ou a expiré',
        text: 'Si vous avez perdu vos seconds facteurs et vos codes de récupération, contactez l’assistance.',
      },
    },
  },
};

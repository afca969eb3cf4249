/** The texts of the page that the link in an email about lost second factors opens. */
import type { Locale } from '#core/locale.ts';
import type { LinkPageTexts } from './page-texts.ts';

export const RESET_SECOND_FACTORS_TEXTS: Record<Locale, LinkPageTexts> = {
  en: {
    title: 'Remove your lost second factors?',
    intro:
      'They will be removed after three days. If you find them in the meantime, sign in with one of them: that stops the removal.',
    button: 'Remove after three days',
    done: {
      title: 'Your second factors will be removed in three days',
      text: 'We have sent you an email that says when. After that, signing in no longer takes a second factor.',
    },
    invalid: {
      title: 'This link is invalid or has expired',
      text: 'It may have been used already or replaced by a newer one. To get a new email, sign in with your password and ask again.',
    },
  },
  de: {
    title: 'Verlorene zweite Faktoren entfernen?',
    intro:
      'Sie werden nach drei Tagen entfernt. Wenn Sie sie bis dahin wiederfinden, melden Sie sich mit einem davon an: Das verhindert die Entfernung.',
    button: 'Nach drei Tagen entfernen',
    done: {
      title: 'Ihre zweiten Faktoren werden in drei Tagen entfernt',
      text: 'Wir haben Ihnen eine E-Mail mit dem Zeitpunkt gesendet. Danach ist zur Anmeldung kein zweiter Faktor mehr nötig.',
    },
    invalid: {
      title: 'Dieser Link ist ungültig oder abgelaufen',
      text: 'Möglicherweise wurde er bereits verwendet oder durch einen neueren ersetzt. Um eine neue E-Mail zu erhalten, melden Sie sich mit Ihrem Passwort an und fragen Sie noch einmal danach.',
    },
  },
  es: {
    title: '¿Eliminar sus segundos factores perdidos?',
    intro:
      'Se eliminarán dentro de tres días. Si los encuentra antes, inicie sesión con uno de ellos: eso detiene la eliminación.',
    button: 'Eliminar dentro de tres días',
    done: {
      title: 'Sus segundos factores se eliminarán dentro de tres días',
      text: 'Le hemos enviado un correo que indica cuándo. Después ya no hará falta un segundo factor para iniciar sesión.',
    },
    invalid: {
      title: 'Este enlace no es válido o ha caducado',
      text: 'Es posible que ya se haya usado o que haya otro más reciente. Para recibir un correo nuevo, inicie sesión con su contraseña y vuelva a pedirlo.',
    },
  },
  fr: {
    title: 'Supprimer vos seconds facteurs perdus\u00a0?',
    intro:
      'Ils seront supprimés dans trois jours. Si vous les retrouvez d’ici là, connectez-vous avec l’un d’eux\u00a0: cela arrête la suppression.',
    button: 'Supprimer dans trois jours',
    done: {
      title: 'Vos seconds facteurs seront supprimés dans trois jours',
      text: 'Nous vous avons envoyé un e-mail qui précise quand. Ensuite, aucun second facteur ne sera plus nécessaire pour vous connecter.',
    },
    invalid: {
      title: 'Ce lien n’est pas valide ou a expiré',
      text: 'Il a peut-être déjà été utilisé ou remplacé par un lien plus récent. Pour recevoir un nouvel e-mail, connectez-vous avec votre mot de passe et refaites la demande.',
    },
  },
};

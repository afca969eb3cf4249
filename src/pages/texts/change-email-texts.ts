/** The texts of the page that confirms a new email address. Its link is sent to the new address. */
import type { Locale } from '#core/locale.ts';
import type { LinkPageTexts } from './page-texts.ts';

export const CHANGE_EMAIL_TEXTS: Record<Locale, LinkPageTexts> = {
  en: {
    title: 'Confirm your new email address',
    intro:
      'Your account will use the address to which we sent this link. If you did not request this change, close this page.',
    button: 'Confirm new address',
    done: {
      title: 'Your new email address is confirmed',
      text: 'Use it to sign in from now on. For 7 days, a link that we have sent to your previous address can undo the change.',
    },
    invalid: {
      title: 'This link is invalid or has expired',
      text: 'It may have been used already or replaced by a newer one. If your account still has the previous address, sign in and request the change again.',
    },
  },
  de: {
    title: 'Neue E\u2011Mail-Adresse bestätigen',
    intro:
      'Ihr Konto verwendet dann die Adresse, an die wir diesen Link geschickt haben. Falls Sie diese Änderung nicht angefordert haben, schließen Sie diese Seite.',
    button: 'Neue Adresse bestätigen',
    done: {
      title: 'Ihre neue E\u2011Mail-Adresse ist bestätigt',
      text: 'Melden Sie sich ab jetzt mit dieser Adresse an. An Ihre bisherige Adresse haben wir einen Link geschickt, mit dem sich die Änderung 7 Tage lang rückgängig machen lässt.',
    },
    invalid: {
      title: 'Dieser Link ist ungültig oder abgelaufen',
      text: 'Möglicherweise wurde er bereits verwendet oder durch einen neueren ersetzt. Falls Ihr Konto noch die bisherige Adresse hat, melden Sie sich an und fordern Sie die Änderung erneut an.',
    },
  },
  es: {
    title: 'Confirme su nueva dirección de correo',
    intro:
      'Su cuenta usará la dirección a la que enviamos este enlace. Si usted no solicitó este cambio, cierre esta página.',
    button: 'Confirmar la nueva dirección',
    done: {
      title: 'Su nueva dirección de correo está confirmada',
      text: 'Úsela a partir de ahora para iniciar sesión. Hemos enviado a su dirección anterior un enlace que permite deshacer el cambio durante 7 días.',
    },
    invalid: {
      title: 'Este enlace no es válido o ha caducado',
      text: 'Es posible que ya se haya usado o que haya otro más reciente. Si su cuenta todavía tiene la dirección anterior, inicie sesión y vuelva a solicitar el cambio.',
    },
  },
  fr: {
    title: 'Confirmez votre nouvelle adresse e\u2011mail',
    intro:
      'Votre compte utilisera l’adresse à laquelle nous avons envoyé ce lien. Si vous n’avez pas demandé cette modification, fermez cette page.',
    button: 'Confirmer la nouvelle adresse',
    done: {
      title: 'Votre nouvelle adresse e\u2011mail est confirmée',
      text: 'Utilisez-la désormais pour vous connecter. Nous avons envoyé à votre ancienne adresse un lien qui permet d’annuler la modification pendant 7 jours.',
    },
    invalid: {
      title: 'Ce lien n’est pas valide ou a expiré',
      text: 'Il a peut-être déjà été utilisé ou remplacé par un lien plus récent. Si votre compte a encore l’ancienne adresse, connectez-vous et demandez de nouveau la modification.',
    },
  },
};

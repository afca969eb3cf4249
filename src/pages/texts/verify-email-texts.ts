/** The texts of the page that the link in a verification email opens. */
import type { Locale } from '#core/locale.ts';
import type { LinkPageTexts } from './page-texts.ts';

export const VERIFY_EMAIL_TEXTS: Record<Locale, LinkPageTexts> = {
  en: {
    title: 'Confirm your email address',
    intro: 'Your account is active once you confirm. If you were not expecting our email, close this page.',
    button: 'Confirm email address',
    done: { title: 'Your email address is confirmed', text: 'You can close this page and sign in.' },
    invalid: {
      title: 'This link is invalid or has expired',
      text: 'It may have been used already or replaced by a newer one. Try to sign in: if your address is not confirmed yet, you can request a new email there.',
    },
  },
  de: {
    title: 'E\u2011Mail-Adresse bestätigen',
    intro:
      'Sobald Sie bestätigen, ist Ihr Konto aktiv. Falls Sie unsere E-Mail nicht erwartet haben, schließen Sie diese Seite.',
    button: 'E-Mail-Adresse bestätigen',
    done: {
      title: 'Ihre E\u2011Mail-Adresse ist bestätigt',
      text: 'Sie können diese Seite schließen und sich anmelden.',
    },
    invalid: {
      title: 'Dieser Link ist ungültig oder abgelaufen',
      text: 'Möglicherweise wurde er bereits verwendet oder durch einen neueren ersetzt. Versuchen Sie, sich anzumelden: Falls Ihre Adresse noch nicht bestätigt ist, können Sie dort eine neue E-Mail anfordern.',
    },
  },
  es: {
    title: 'Confirme su dirección de correo',
    intro: 'En cuanto la confirme, su cuenta estará activa. Si no esperaba nuestro correo, cierre esta página.',
    button: 'Confirmar la dirección',
    done: {
      title: 'Su dirección de correo está confirmada',
      text: 'Puede cerrar esta página e iniciar sesión.',
    },
    invalid: {
      title: 'Este enlace no es válido o ha caducado',
      text: 'Es posible que ya se haya usado o que haya otro más reciente. Intente iniciar sesión: si su dirección todavía no está confirmada, podrá solicitar un correo nuevo.',
    },
  },
  fr: {
    title: 'Confirmez votre adresse e\u2011mail',
    intro:
      'Votre compte sera actif dès que vous aurez confirmé. Si vous n’attendiez pas notre e-mail, fermez cette page.',
    button: 'Confirmer l’adresse e-mail',
    done: {
      title: 'Votre adresse e\u2011mail est confirmée',
      text: 'Vous pouvez fermer cette page et vous connecter.',
    },
    invalid: {
      title: 'Ce lien n’est pas valide ou a expiré',
      text: 'Il a peut-être déjà été utilisé ou remplacé par un lien plus récent. Essayez de vous connecter\u00a0: si votre adresse n’est pas encore confirmée, vous pourrez demander un nouvel e-mail.',
    },
  },
};

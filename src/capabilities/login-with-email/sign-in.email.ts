/** The code and the link that sign in without a password. */
import { formatCount, type Locale } from '#core/locale.ts';
import { type Addressee, composeMail, type Mail } from '#core/mail/mail.ts';

type Proof = { code: string; link: string; codeMinutes: number; linkMinutes: number };

type Texts = {
  subject: string;
  why: (service: string) => string;
  code: (minutes: string) => string;
  link: (minutes: string) => string;
  button: string;
  notYou: string;
};

const TEXTS: Record<Locale, Texts> = {
  en: {
    subject: 'Your sign-in code',
    why: (service) => `Someone, probably you, wants to sign in to your account at ${service}.`,
    code: (minutes) => `Enter this code where you asked for it. It is valid for ${minutes}.`,
    link: (minutes) => `Or use the link below, on any device. It is valid for ${minutes}.`,
    button: 'Sign in',
    notYou:
      'If this was not you, ignore this email. Nobody can sign in this way without it. Never share the code or the link.',
  },
  de: {
    subject: 'Ihr Anmeldecode',
    why: (service) => `jemand, vermutlich Sie, möchte sich bei Ihrem Konto auf ${service} anmelden.`,
    code: (minutes) => `Geben Sie diesen Code dort ein, wo Sie ihn angefordert haben. Er ist ${minutes} gültig.`,
    link: (minutes) => `Oder verwenden Sie den folgenden Link, auf einem beliebigen Gerät. Er ist ${minutes} gültig.`,
    button: 'Anmelden',
    notYou:
      'Falls Sie das nicht waren, ignorieren Sie diese Nachricht. Ohne sie kann sich niemand auf diesem Weg anmelden. Geben Sie den Code und den Link niemals weiter.',
  },
  es: {
    subject: 'Su código para iniciar sesión',
    why: (service) => `Alguien, probablemente usted, quiere iniciar sesión en su cuenta de ${service}.`,
    code: (minutes) => `Introduzca este código donde lo ha solicitado. Es válido durante ${minutes}.`,
    link: (minutes) => `También puede usar el siguiente enlace en cualquier dispositivo. Es válido durante ${minutes}.`,
    button: 'Iniciar sesión',
    notYou:
      'Si no ha sido usted, ignore este mensaje. Sin él, nadie puede iniciar sesión de esta forma. No comparta nunca el código ni el enlace con nadie.',
  },
  fr: {
    subject: 'Votre code de connexion',
    why: (service) => `Quelqu’un, probablement vous, souhaite se connecter à votre compte sur ${service}.`,
    code: (minutes) => `Saisissez ce code là où vous l’avez demandé. Il est valable ${minutes}.`,
    link: (minutes) =>
      `Vous pouvez aussi utiliser le lien ci-dessous, sur n’importe quel appareil. Il est valable ${minutes}.`,
    button: 'Se connecter',
    notYou:
      'Si ce n’était pas vous, ignorez ce message. Sans lui, personne ne peut se connecter de cette façon. Ne communiquez jamais le code ni le lien à qui que ce soit.',
  },
};

export function signInEmail({ code, link, codeMinutes, linkMinutes, ...to }: Addressee & Proof): Mail {
  const texts = TEXTS[to.locale];
  const isCodeValid = codeMinutes > 0;
  const values = {
    code: isCodeValid ? code : null,
    codeTime: isCodeValid ? { count: codeMinutes, unit: 'minute' as const } : null,
    link,
    linkTime: { count: linkMinutes, unit: 'minute' as const },
  };
  return composeMail(to, {
    mail: 'sign-in-with-email',
    values,
    subject: texts.subject,
    blocks: [
      texts.why(to.service),
      ...(isCodeValid ? [texts.code(formatCount(codeMinutes, 'minute', to.locale)), { code }] : []),
      texts.link(formatCount(linkMinutes, 'minute', to.locale)),
      { label: texts.button, url: link },
      texts.notYou,
    ],
  });
}

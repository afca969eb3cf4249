/** The email that lets someone choose a password. Contains a code and a link; either is enough. */
import type { FormerAddress } from '#core/accounts/former-address.ts';
import { formatCount, type Locale } from '#core/locale.ts';
import { type Addressee, composeMail, type Mail } from '#core/mail/mail.ts';

type Proof = {
  code: string;
  link: string;
  codeMinutes: number;
  linkMinutes: number;
  /** `first`: the account has no password; `secured`: because its owner has just undone a change. */
  occasion: 'forgotten' | 'first' | 'secured';
  /** Former addresses that can take the account back. */
  former: readonly FormerAddress[];
};

type Occasion = Proof['occasion'];

const NAMES = {
  forgotten: 'reset-password',
  first: 'choose-password',
  secured: 'choose-password-after-undo',
} as const satisfies Record<Occasion, string>;

type Texts = {
  subject: Record<Occasion, string>;
  why: Record<Occasion, (service: string) => string>;
  code: (minutes: string) => string;
  link: (minutes: string) => string;
  button: string;
  notYou: Record<Occasion, string>;
};

const TEXTS: Record<Locale, Texts> = {
  en: {
    subject: {
      forgotten: 'Reset your password',
      first: 'Choose a password',
      secured: 'Choose a new password for your account',
    },
    why: {
      forgotten: (service) => `Someone, probably you, asked to reset the password of your account at ${service}.`,
      first: (service) => `Your account at ${service} does not have a password. Choose one, then sign in with it.`,
      secured: (service) =>
        `Your account at ${service} is back in your hands: all devices are signed out, and the previous password no longer works. Choose a new one, then sign in with it.`,
    },
    code: (minutes) => `Enter this code to choose a new password. It is valid for ${minutes}.`,
    link: (minutes) => `Or use the link below. It is valid for ${minutes}.`,
    button: 'Choose a new password',
    notYou: {
      forgotten:
        'If you did not request this, ignore this message. Your password stays the same. Never share the code or the link with anyone.',
      first:
        'If you do not want this account, ignore this message. It stays without a password. Never share the code or the link with anyone.',
      secured:
        'Choose a password that you have not used here before. Never share the code or the link with anyone. If the link has expired, choose “Forgot your password?” where you sign in.',
    },
  },
  de: {
    subject: {
      forgotten: 'Setzen Sie Ihr Passwort zurück',
      first: 'Wählen Sie ein Passwort',
      secured: 'Wählen Sie ein neues Passwort für Ihr Konto',
    },
    why: {
      forgotten: (service) => `jemand, vermutlich Sie, möchte das Passwort Ihres Kontos bei ${service} zurücksetzen.`,
      first: (service) => `Ihr Konto bei ${service} hat kein Passwort. Wählen Sie eines und melden Sie sich damit an.`,
      secured: (service) =>
        `Ihr Konto bei ${service} gehört wieder Ihnen: Alle Geräte sind abgemeldet, und das bisherige Passwort gilt nicht mehr. Wählen Sie ein neues und melden Sie sich damit an.`,
    },
    code: (minutes) => `Geben Sie diesen Code ein, um ein neues Passwort zu wählen. Er ist ${minutes} gültig.`,
    link: (minutes) => `Oder verwenden Sie den folgenden Link. Er ist ${minutes} gültig.`,
    button: 'Neues Passwort wählen',
    notYou: {
      forgotten:
        'Falls Sie das nicht angefordert haben, ignorieren Sie diese Nachricht. Ihr Passwort bleibt unverändert. Geben Sie den Code und den Link niemals an andere weiter.',
      first:
        'Falls Sie dieses Konto nicht möchten, ignorieren Sie diese Nachricht. Es bleibt dann ohne Passwort. Geben Sie den Code und den Link niemals an andere weiter.',
      secured:
        'Wählen Sie ein Passwort, das Sie hier noch nicht verwendet haben. Geben Sie den Code und den Link niemals an andere weiter. Falls der Link abgelaufen ist, wählen Sie bei der Anmeldung „Passwort vergessen?“.',
    },
  },
  es: {
    subject: {
      forgotten: 'Restablezca su contraseña',
      first: 'Elija una contraseña',
      secured: 'Elija una contraseña nueva para su cuenta',
    },
    why: {
      forgotten: (service) =>
        `Alguien, probablemente usted, ha solicitado restablecer la contraseña de su cuenta en ${service}.`,
      first: (service) => `Su cuenta en ${service} no tiene contraseña. Elija una e inicie sesión con ella.`,
      secured: (service) =>
        `Su cuenta en ${service} vuelve a estar en sus manos: se ha cerrado la sesión en todos los dispositivos y la contraseña anterior ya no sirve. Elija una nueva e inicie sesión con ella.`,
    },
    code: (minutes) => `Introduzca este código para elegir una contraseña nueva. Es válido durante ${minutes}.`,
    link: (minutes) => `También puede usar el siguiente enlace. Es válido durante ${minutes}.`,
    button: 'Elegir una contraseña nueva',
    notYou: {
      forgotten:
        'Si usted no lo ha solicitado, ignore este mensaje. Su contraseña no cambiará. No comparta nunca el código ni el enlace con nadie.',
      first:
        'Si no quiere esta cuenta, ignore este mensaje. Seguirá sin contraseña. No comparta nunca el código ni el enlace con nadie.',
      secured:
        'Elija una contraseña que no haya usado antes aquí. No comparta nunca el código ni el enlace con nadie. Si el enlace ha caducado, elija «¿Ha olvidado su contraseña?» al iniciar sesión.',
    },
  },
  fr: {
    subject: {
      forgotten: 'Réinitialisez votre mot de passe',
      first: 'Choisissez un mot de passe',
      secured: 'Choisissez un nouveau mot de passe pour votre compte',
    },
    why: {
      forgotten: (service) =>
        `Quelqu’un, probablement vous, a demandé à réinitialiser le mot de passe de votre compte sur ${service}.`,
      first: (service) =>
        `Votre compte sur ${service} n’a pas de mot de passe. Choisissez-en un, puis connectez-vous avec celui-ci.`,
      secured: (service) =>
        `Votre compte sur ${service} est de nouveau entre vos mains\u00a0: tous les appareils sont déconnectés et l’ancien mot de passe n’est plus valable. Choisissez-en un nouveau, puis connectez-vous avec celui-ci.`,
    },
    code: (minutes) => `Saisissez ce code pour choisir un nouveau mot de passe. Il est valable ${minutes}.`,
    link: (minutes) => `Vous pouvez aussi utiliser le lien ci-dessous. Il est valable ${minutes}.`,
    button: 'Choisir un nouveau mot de passe',
    notYou: {
      forgotten:
        'Si vous n’êtes pas à l’origine de cette demande, ignorez ce message. Votre mot de passe reste inchangé. Ne communiquez jamais le code ni le lien à qui que ce soit.',
      first:
        'Si vous ne voulez pas de ce compte, ignorez ce message. Il restera sans mot de passe. Ne communiquez jamais le code ni le lien à qui que ce soit.',
      secured:
        'Choisissez un mot de passe que vous n’avez pas encore utilisé ici. Ne communiquez jamais le code ni le lien à qui que ce soit. Si le lien a expiré, choisissez «\u00a0Mot de passe oublié\u00a0?\u00a0» lors de la connexion.',
    },
  },
};

export function resetPasswordEmail(input: Addressee & Proof): Mail {
  const { code, link, codeMinutes, linkMinutes, occasion, former, ...to } = input;
  const texts = TEXTS[to.locale];
  // If the email was delayed, the code may have expired already; the link is valid for longer.
  const isCodeValid = codeMinutes > 0;
  const values = {
    code: isCodeValid ? code : null,
    codeTime: isCodeValid ? { count: codeMinutes, unit: 'minute' as const } : null,
    link,
    linkTime: { count: linkMinutes, unit: 'minute' as const },
    formerAddress: former.map(({ address }) => address),
    formerUntil: former.map(({ until }) => until),
  };
  return composeMail(to, {
    mail: NAMES[occasion],
    values,
    subject: texts.subject[occasion],
    blocks: [
      texts.why[occasion](to.service),
      ...former.map(({ warning }) => ({ warning })),
      ...(isCodeValid ? [texts.code(formatCount(codeMinutes, 'minute', to.locale)), { code }] : []),
      texts.link(formatCount(linkMinutes, 'minute', to.locale)),
      { label: texts.button, url: link },
      texts.notYou[occasion],
    ],
  });
}

/** Warns the owner that someone knows the password, which no longer signs in for that reason. */
import { formatMoment, type Locale } from '#core/locale.ts';
import { type Addressee, composeMail, type Mail } from '#core/mail/mail.ts';

type Texts = {
  subject: string;
  what: (at: string, service: string) => string;
  advice: string;
  elsewhere: string;
};

const TEXTS: Record<Locale, Texts> = {
  en: {
    subject: 'Someone knows your password',
    what: (at, service) =>
      `Someone entered the right password for your account at ${service} and then 20 wrong codes, the last one on ${at}. Nobody got in.`,
    advice:
      'To be safe, this password no longer works, except on devices you trust. Please set a new one: choose “Forgot your password?” where you sign in.',
    elsewhere: 'If you use the same password elsewhere, change it there too.',
  },
  de: {
    subject: 'Jemand kennt Ihr Passwort',
    what: (at, service) =>
      `jemand hat das richtige Passwort für Ihr Konto bei ${service} eingegeben und danach 20 falsche Codes, den letzten am ${at}. Die Anmeldung ist nicht gelungen.`,
    advice:
      'Zur Sicherheit gilt dieses Passwort nicht mehr, außer auf Geräten, denen Sie vertrauen. Bitte legen Sie ein neues fest: Wählen Sie bei der Anmeldung „Passwort vergessen?“.',
    elsewhere: 'Wenn Sie dasselbe Passwort auch anderswo verwenden, ändern Sie es auch dort.',
  },
  es: {
    subject: 'Alguien conoce su contraseña',
    what: (at, service) =>
      `Hasta el ${at}, alguien introdujo la contraseña correcta de su cuenta en ${service} y después 20 códigos incorrectos. Nadie ha entrado.`,
    advice:
      'Por seguridad, esa contraseña ya no sirve, salvo en los dispositivos en los que usted confía. Establezca una nueva: elija «¿Ha olvidado su contraseña?» al iniciar sesión.',
    elsewhere: 'Si usa la misma contraseña en otros sitios, cámbiela también allí.',
  },
  fr: {
    subject: 'Quelqu’un connaît votre mot de passe',
    what: (at, service) =>
      `Jusqu’au ${at}, quelqu’un a saisi le bon mot de passe de votre compte sur ${service}, puis 20 codes erronés. Personne n’est entré.`,
    advice:
      'Par sécurité, ce mot de passe n’est plus accepté, sauf sur les appareils auxquels vous faites confiance. Veuillez en définir un nouveau\u00a0: choisissez «\u00a0Mot de passe oublié\u00a0?\u00a0» lors de la connexion.',
    elsewhere: 'Si vous utilisez le même mot de passe ailleurs, changez-le là aussi.',
  },
};

export function passwordSuspendedEmail({ at, ...to }: Addressee & { at: Date }): Mail {
  const texts = TEXTS[to.locale];
  return composeMail(to, {
    mail: 'password-suspended',
    values: { at },
    subject: texts.subject,
    blocks: [texts.what(formatMoment(at, to.locale), to.service), texts.advice, texts.elsewhere],
  });
}

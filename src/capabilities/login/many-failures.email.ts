/** Warns the owner that someone is guessing the password, and says what to do if they cannot sign in. */

import { formatMoment, type Locale } from '#core/locale.ts';
import { type Addressee, composeMail, type Mail } from '#core/mail/mail.ts';

type Texts = {
  subject: string;
  what: (at: string, service: string) => string;
  effect: string;
  advice: string;
};

const TEXTS: Record<Locale, Texts> = {
  en: {
    subject: 'Someone is trying to guess your password',
    what: (at, service) =>
      `Someone has entered many wrong passwords for your account at ${service}, most recently on ${at}. None of them was correct.`,
    effect:
      'We now slow down sign-ins on devices that we do not know. On devices where you have signed in before, nothing changes for you.',
    advice:
      'You do not need to do anything if your password is long and you use it nowhere else. Otherwise, choose a new one. If you cannot sign in on a new device, reset your password from the sign-in page; that always works.',
  },
  de: {
    subject: 'Jemand versucht, Ihr Passwort zu erraten',
    what: (at, service) =>
      `jemand hat für Ihr Konto bei ${service} viele falsche Passwörter eingegeben, zuletzt am ${at}. Keines davon war richtig.`,
    effect:
      'Wir bremsen jetzt Anmeldungen auf Geräten, die wir nicht kennen. Auf Geräten, auf denen Sie schon einmal angemeldet waren, ändert sich für Sie nichts.',
    advice:
      'Wenn Ihr Passwort lang ist und Sie es nirgendwo sonst verwenden, müssen Sie nichts tun. Wählen Sie andernfalls ein neues. Falls Sie sich auf einem neuen Gerät nicht anmelden können, setzen Sie Ihr Passwort auf der Anmeldeseite zurück. Das geht immer.',
  },
  es: {
    subject: 'Alguien intenta adivinar su contraseña',
    what: (at, service) =>
      `Alguien ha introducido muchas contraseñas incorrectas para su cuenta de ${service}, la última vez el ${at}. Ninguna era la correcta.`,
    effect:
      'A partir de ahora ralentizamos los inicios de sesión desde dispositivos que no conocemos. En los dispositivos en los que ya haya iniciado sesión, para usted no cambia nada.',
    advice:
      'Si su contraseña es larga y no la usa en ningún otro sitio, no tiene que hacer nada. De lo contrario, elija una nueva. Si no puede iniciar sesión en un dispositivo nuevo, restablezca su contraseña desde la página de inicio de sesión; eso siempre funciona.',
  },
  fr: {
    subject: 'Quelqu’un essaie de deviner votre mot de passe',
    what: (at, service) =>
      `Quelqu’un a saisi de nombreux mots de passe erronés pour votre compte sur ${service}, la dernière fois le ${at}. Aucun n’était le bon.`,
    effect:
      'Nous ralentissons désormais les connexions depuis les appareils que nous ne connaissons pas. Sur ceux où vous vous êtes déjà connecté, rien ne change pour vous.',
    advice:
      'Si votre mot de passe est long et que vous ne l’utilisez nulle part ailleurs, vous n’avez rien à faire. Sinon, choisissez-en un nouveau. Si vous ne parvenez pas à vous connecter depuis un nouvel appareil, réinitialisez votre mot de passe depuis la page de connexion\u00a0: cela fonctionne toujours.',
  },
};

export function manyFailuresEmail({ at, ...to }: Addressee & { at: Date }): Mail {
  const texts = TEXTS[to.locale];
  return composeMail(to, {
    mail: 'many-failures',
    values: { at },
    subject: texts.subject,
    blocks: [texts.what(formatMoment(at, to.locale), to.service), texts.effect, texts.advice],
  });
}

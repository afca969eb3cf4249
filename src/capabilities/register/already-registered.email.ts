/**
 * Tells the owner of an account that somebody tried to register with its address. It stands in for the answer that the
 * stranger does not get: whoever registers cannot tell whether the address has an account. It greets by the name of the
 * account, not the one just given.
 */
import type { Locale } from '#core/locale.ts';
import { type Addressee, composeMail, type Mail } from '#core/mail/mail.ts';

type Texts = { subject: string; what: (service: string) => string; wasYou: string; notYou: string };

const TEXTS: Record<Locale, Texts> = {
  en: {
    subject: 'You already have an account',
    what: (service) =>
      `Somebody tried to register at ${service} with your email address. You already have an account there.`,
    wasYou: 'If this was you, sign in as usual. If you no longer know your password, reset it.',
    notYou: 'If this was not you, there is nothing to do: your account has not changed.',
  },
  de: {
    subject: 'Sie haben bereits ein Konto',
    what: (service) =>
      `jemand hat versucht, sich bei ${service} mit Ihrer E-Mail-Adresse zu registrieren. Sie haben dort bereits ein Konto.`,
    wasYou:
      'Falls Sie das waren, melden Sie sich wie gewohnt an. Wenn Sie Ihr Passwort nicht mehr wissen, setzen Sie es zurück.',
    notYou: 'Falls Sie das nicht waren, müssen Sie nichts tun: Ihr Konto ist unverändert.',
  },
  es: {
    subject: 'Ya tiene una cuenta',
    what: (service) =>
      `Alguien ha intentado registrarse en ${service} con su dirección de correo electrónico. Usted ya tiene una cuenta allí.`,
    wasYou: 'Si ha sido usted, inicie sesión como siempre. Si ya no recuerda su contraseña, restablézcala.',
    notYou: 'Si no ha sido usted, no tiene que hacer nada: su cuenta no ha cambiado.',
  },
  fr: {
    subject: 'Vous avez déjà un compte',
    what: (service) =>
      `Quelqu’un a essayé de s’inscrire sur ${service} avec votre adresse e-mail. Vous y avez déjà un compte.`,
    wasYou:
      'Si c’était vous, connectez-vous comme d’habitude. Si vous avez oublié votre mot de passe, réinitialisez-le.',
    notYou: 'Si ce n’était pas vous, vous n’avez rien à faire\u00a0: votre compte n’a pas changé.',
  },
};

export function alreadyRegisteredEmail({ publicUrl, ...to }: Addressee & { publicUrl: string }): Mail {
  const texts = TEXTS[to.locale];
  return composeMail(to, texts.subject, [texts.what(publicUrl), texts.wasYou, texts.notYou]);
}

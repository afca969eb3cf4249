/**
 * Tells the owner of an account that someone tried to register with its address. It is sent instead of an answer to
 * that person, who must not learn that the address has an account. It greets the owner by the name of the account, not
 * by the name just entered.
 */
import type { Locale } from '#core/locale.ts';
import { type Addressee, composeMail, type Mail } from '#core/mail/mail.ts';

type Texts = {
  subject: string;
  what: (service: string) => string;
  wasYou: string;
  wasYouWithoutPasswords: string;
  notYou: string;
};

const TEXTS: Record<Locale, Texts> = {
  en: {
    subject: 'You already have an account',
    what: (service) =>
      `Someone tried to register at ${service} with your email address, but you already have an account there.`,
    wasYou: 'If this was you, sign in as usual. If you forgot your password, reset it.',
    wasYouWithoutPasswords: 'If this was you, sign in as usual.',
    notYou: 'If this was not you, you do not need to do anything. Your account has not changed.',
  },
  de: {
    subject: 'Sie haben bereits ein Konto',
    what: (service) =>
      `jemand hat versucht, sich bei ${service} mit Ihrer E-Mail-Adresse zu registrieren. Sie haben dort aber bereits ein Konto.`,
    wasYou:
      'Falls Sie das waren, melden Sie sich wie gewohnt an. Falls Sie Ihr Passwort vergessen haben, setzen Sie es zurück.',
    wasYouWithoutPasswords: 'Falls Sie das waren, melden Sie sich wie gewohnt an.',
    notYou: 'Falls Sie das nicht waren, müssen Sie nichts tun. Ihr Konto ist unverändert.',
  },
  es: {
    subject: 'Ya tiene una cuenta',
    what: (service) =>
      `Alguien ha intentado registrarse en ${service} con su dirección de correo, pero usted ya tiene una cuenta allí.`,
    wasYou: 'Si ha sido usted, inicie sesión como siempre. Si ha olvidado su contraseña, restablézcala.',
    wasYouWithoutPasswords: 'Si ha sido usted, inicie sesión como siempre.',
    notYou: 'Si no ha sido usted, no tiene que hacer nada. Su cuenta no ha cambiado.',
  },
  fr: {
    subject: 'Vous avez déjà un compte',
    what: (service) =>
      `Quelqu’un a essayé de s’inscrire sur ${service} avec votre adresse e-mail, mais vous y avez déjà un compte.`,
    wasYou:
      'Si c’était vous, connectez-vous comme d’habitude. Si vous avez oublié votre mot de passe, réinitialisez-le.',
    wasYouWithoutPasswords: 'Si c’était vous, connectez-vous comme d’habitude.',
    notYou: 'Si ce n’était pas vous, vous n’avez rien à faire. Votre compte n’a pas changé.',
  },
};

export function alreadyRegisteredEmail(to: Addressee): Mail {
  const texts = TEXTS[to.locale];
  return composeMail(to, {
    mail: 'already-registered',
    values: {},
    subject: texts.subject,
    blocks: [
      texts.what(to.service),
      to.hasPasswords === false ? texts.wasYouWithoutPasswords : texts.wasYou,
      texts.notYou,
    ],
  });
}

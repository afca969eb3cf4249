/**
 * Tells the owner of an account that someone tried to change the email address of another account to theirs. It is sent
 * instead of the code, so that the person who tried it does not learn which addresses have an account.
 */
import type { Locale } from '#core/locale.ts';
import { type Addressee, composeMail, type Mail } from '#core/mail/mail.ts';

type Texts = { subject: string; what: (service: string) => string; wasYou: string; notYou: string };

const TEXTS: Record<Locale, Texts> = {
  en: {
    subject: 'This email address already has an account',
    what: (service) =>
      `Someone tried to change the email address of an account at ${service} to yours. You already have an account there with this address.`,
    wasYou: 'If this was you, change the email address of your existing account first, or delete that account.',
    notYou: 'If this was not you, you do not need to do anything. Your account has not changed.',
  },
  de: {
    subject: 'Zu dieser E-Mail-Adresse gibt es bereits ein Konto',
    what: (service) =>
      `jemand wollte die E-Mail-Adresse eines Kontos bei ${service} in Ihre Adresse ändern. Sie haben dort bereits ein Konto mit dieser Adresse.`,
    wasYou:
      'Falls Sie das waren, ändern Sie zuerst die E-Mail-Adresse Ihres bestehenden Kontos oder löschen Sie dieses Konto.',
    notYou: 'Falls Sie das nicht waren, müssen Sie nichts tun. Ihr Konto ist unverändert.',
  },
  es: {
    subject: 'Esta dirección de correo ya tiene una cuenta',
    what: (service) =>
      `Alguien ha intentado cambiar la dirección de correo de una cuenta en ${service} por la suya. Usted ya tiene allí una cuenta con esta dirección.`,
    wasYou: 'Si ha sido usted, cambie primero la dirección de correo de su cuenta actual o elimine esa cuenta.',
    notYou: 'Si no ha sido usted, no tiene que hacer nada. Su cuenta no ha cambiado.',
  },
  fr: {
    subject: 'Un compte existe déjà pour cette adresse e-mail',
    what: (service) =>
      `Quelqu’un a voulu remplacer l’adresse e-mail d’un compte sur ${service} par la vôtre. Vous y avez déjà un compte avec cette adresse.`,
    wasYou: 'Si c’était vous, modifiez d’abord l’adresse e-mail de votre compte existant ou supprimez ce compte.',
    notYou: 'Si ce n’était pas vous, vous n’avez rien à faire. Votre compte n’a pas changé.',
  },
};

export function addressInUseEmail(to: Addressee): Mail {
  const texts = TEXTS[to.locale];
  return composeMail(to, {
    mail: 'address-in-use',
    values: {},
    subject: texts.subject,
    blocks: [texts.what(to.service), texts.wasYou, texts.notYou],
  });
}

/**
 * Tells the owner of an account that another account was to be moved to its address. It stands in for the code, and
 * for the answer that whoever asked does not get: nobody learns which addresses have an account.
 */
import type { Locale } from '#core/locale.ts';
import { type Addressee, composeMail, type Mail } from '#core/mail/mail.ts';

type Texts = { subject: string; what: (service: string) => string; wasYou: string; notYou: string };

const TEXTS: Record<Locale, Texts> = {
  en: {
    subject: 'Your address already has an account',
    what: (service) =>
      `Somebody wanted to move an account at ${service} to this address, but you already have an account with it there.`,
    wasYou: 'If this was you, change or delete the account that has this address first.',
    notYou: 'If this was not you, there is nothing to do: your account has not changed.',
  },
  de: {
    subject: 'Ihre Adresse hat bereits ein Konto',
    what: (service) =>
      `jemand wollte ein Konto bei ${service} auf diese Adresse umziehen; Sie haben dort aber bereits ein Konto mit ihr.`,
    wasYou: 'Falls Sie das waren, ändern oder löschen Sie zuerst das Konto, das diese Adresse hat.',
    notYou: 'Falls Sie das nicht waren, müssen Sie nichts tun: Ihr Konto ist unverändert.',
  },
  es: {
    subject: 'Su dirección ya tiene una cuenta',
    what: (service) =>
      `Alguien ha querido trasladar una cuenta de ${service} a esta dirección, pero usted ya tiene allí una cuenta con ella.`,
    wasYou: 'Si ha sido usted, cambie o elimine primero la cuenta que tiene esta dirección.',
    notYou: 'Si no ha sido usted, no tiene que hacer nada: su cuenta no ha cambiado.',
  },
  fr: {
    subject: 'Votre adresse a déjà un compte',
    what: (service) =>
      `Quelqu’un a voulu rattacher un compte sur ${service} à cette adresse, mais vous y avez déjà un compte avec elle.`,
    wasYou: 'Si c’était vous, modifiez ou supprimez d’abord le compte qui a cette adresse.',
    notYou: 'Si ce n’était pas vous, vous n’avez rien à faire\u00a0: votre compte n’a pas changé.',
  },
};

export function addressInUseEmail({ publicUrl, ...to }: Addressee & { publicUrl: string }): Mail {
  const texts = TEXTS[to.locale];
  return composeMail(to, texts.subject, [texts.what(publicUrl), texts.wasYou, texts.notYou]);
}

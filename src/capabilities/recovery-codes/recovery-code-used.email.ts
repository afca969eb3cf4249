/** Notifies the owner that a recovery code was used, and says how many are left. */
import { formatMoment, type Locale } from '#core/locale.ts';
import { type Addressee, composeMail, type Mail } from '#core/mail/mail.ts';

/** @param left recovery codes that still work */
type Use = { at: Date; left: number };

type Texts = {
  subject: string;
  what: (at: string, service: string) => string;
  left: (codes: number) => string;
  few: string;
  notYou: string;
  /** The same where passwords do not sign in. */
  notYouWithoutPasswords: string;
};

/** So few that the person should get new ones. */
const FEW = 3;

const TEXTS: Record<Locale, Texts> = {
  en: {
    subject: 'A recovery code was used',
    what: (at, service) => `On ${at}, a recovery code of your account at ${service} was used.`,
    left: (codes) => (codes === 1 ? 'You have one code left.' : `You have ${codes} codes left.`),
    few: 'Get new ones soon, in the security settings of your account.',
    notYou: 'If this was not you, change your password and get new codes.',
    notYouWithoutPasswords: 'If this was not you, sign out everywhere and get new codes.',
  },
  de: {
    subject: 'Ein Wiederherstellungscode wurde verwendet',
    what: (at, service) => `am ${at} wurde ein Wiederherstellungscode Ihres Kontos bei ${service} verwendet.`,
    left: (codes) => (codes === 1 ? 'Sie haben noch einen Code.' : `Sie haben noch ${codes} Codes.`),
    few: 'Erstellen Sie bald neue, in den Sicherheitseinstellungen Ihres Kontos.',
    notYou: 'Falls Sie das nicht waren, ändern Sie Ihr Passwort und erstellen Sie neue Codes.',
    notYouWithoutPasswords: 'Falls Sie das nicht waren, melden Sie sich überall ab und erstellen Sie neue Codes.',
  },
  es: {
    subject: 'Se ha usado un código de recuperación',
    what: (at, service) => `El ${at} se usó un código de recuperación de su cuenta en ${service}.`,
    left: (codes) => (codes === 1 ? 'Le queda un código.' : `Le quedan ${codes} códigos.`),
    few: 'Cree códigos nuevos pronto, en los ajustes de seguridad de su cuenta.',
    notYou: 'Si no ha sido usted, cambie su contraseña y cree códigos nuevos.',
    notYouWithoutPasswords: 'Si no ha sido usted, cierre la sesión en todos los dispositivos y cree códigos nuevos.',
  },
  fr: {
    subject: 'Un code de récupération a été utilisé',
    what: (at, service) => `Le ${at}, un code de récupération de votre compte sur ${service} a été utilisé.`,
    left: (codes) => (codes === 1 ? 'Il vous reste un code.' : `Il vous reste ${codes} codes.`),
    few: 'Créez-en de nouveaux sans tarder, dans les réglages de sécurité de votre compte.',
    notYou: 'Si ce n’était pas vous, changez votre mot de passe et créez de nouveaux codes.',
    notYouWithoutPasswords: 'Si ce n’était pas vous, déconnectez tous les appareils et créez de nouveaux codes.',
  },
};

export function recoveryCodeUsedEmail({ at, left, ...to }: Addressee & Use): Mail {
  const texts = TEXTS[to.locale];
  return composeMail(to, {
    mail: 'recovery-code-used',
    values: { at, codesLeft: String(left) },
    subject: texts.subject,
    blocks: [
      texts.what(formatMoment(at, to.locale), to.service),
      texts.left(left),
      ...(left <= FEW ? [texts.few] : []),
      to.hasPasswords === false ? texts.notYouWithoutPasswords : texts.notYou,
    ],
  });
}

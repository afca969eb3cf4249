/** Tells the owners of an organization that someone became an owner or is one no longer. The subject names nobody. */
import { formatMoment, type Locale } from '#core/locale.ts';
import { displayName } from '#core/mail/display-name.ts';
import { type Addressee, composeMail, type Mail } from '#core/mail/mail.ts';

type Change = {
  event: 'added' | 'removed';
  /** Null if the account no longer exists. */
  ownerName: string | null;
  organizationName: string;
  at: Date;
};

type What = (owner: string, organization: string, service: string, at: string) => string;

type Texts = {
  subject: Record<Change['event'], string>;
  what: Record<Change['event'], What>;
  deleted: string;
  power: string;
  unexpected: string;
  /** The same where passwords do not sign in. */
  unexpectedWithoutPasswords: string;
};

const TEXTS: Record<Locale, Texts> = {
  en: {
    subject: {
      added: 'Your organization has a new owner',
      removed: 'Someone is no longer an owner of your organization',
    },
    what: {
      added: (owner, organization, service, at) =>
        `${owner} became an owner of the organization “${organization}” at ${service} on ${at}.`,
      removed: (owner, organization, service, at) =>
        `${owner} is no longer an owner of the organization “${organization}” at ${service}. This was changed on ${at}.`,
    },
    deleted: 'Someone whose account no longer exists',
    power: 'Owners can do anything in the organization. They can also remove the other owners.',
    unexpected:
      'If you did not expect this, check the members of the organization now. If the change was made from your account, but not by you, change your password.',
    unexpectedWithoutPasswords:
      'If you did not expect this, check the members of the organization now. If the change was made from your account, but not by you, sign out everywhere.',
  },
  de: {
    subject: {
      added: 'Ihre Organisation hat einen neuen Besitzer',
      removed: 'Jemand ist nicht mehr Besitzer Ihrer Organisation',
    },
    what: {
      added: (owner, organization, service, at) =>
        `${owner} gehört seit dem ${at} zu den Besitzern der Organisation „${organization}“ bei ${service}.`,
      removed: (owner, organization, service, at) =>
        `${owner} gehört seit dem ${at} nicht mehr zu den Besitzern der Organisation „${organization}“ bei ${service}.`,
    },
    deleted: 'Jemand, dessen Konto es nicht mehr gibt,',
    power: 'Besitzer dürfen in der Organisation alles. Sie können auch die anderen Besitzer entfernen.',
    unexpected:
      'Falls Sie damit nicht gerechnet haben, prüfen Sie jetzt die Mitglieder der Organisation. Falls die Änderung von Ihrem Konto ausging, aber nicht von Ihnen, ändern Sie Ihr Passwort.',
    unexpectedWithoutPasswords:
      'Falls Sie damit nicht gerechnet haben, prüfen Sie jetzt die Mitglieder der Organisation. Falls die Änderung von Ihrem Konto ausging, aber nicht von Ihnen, melden Sie sich überall ab.',
  },
  es: {
    subject: {
      added: 'Su organización tiene un nuevo propietario',
      removed: 'Alguien ya no es propietario de su organización',
    },
    what: {
      added: (owner, organization, service, at) =>
        `${owner} es propietario de la organización «${organization}» en ${service} desde el ${at}.`,
      removed: (owner, organization, service, at) =>
        `${owner} dejó de ser propietario de la organización «${organization}» en ${service} el ${at}.`,
    },
    deleted: 'Alguien cuya cuenta ya no existe',
    power: 'Los propietarios pueden hacerlo todo en la organización, también quitar a los demás propietarios.',
    unexpected:
      'Si no lo esperaba, revise ahora los miembros de la organización. Si el cambio se hizo desde su cuenta y no fue usted, cambie su contraseña.',
    unexpectedWithoutPasswords:
      'Si no lo esperaba, revise ahora los miembros de la organización. Si el cambio se hizo desde su cuenta y no fue usted, cierre sesión en todos los dispositivos.',
  },
  fr: {
    subject: {
      added: 'Votre organisation a un nouveau propriétaire',
      removed: 'Une personne n’est plus propriétaire de votre organisation',
    },
    what: {
      added: (owner, organization, service, at) =>
        `${owner} est propriétaire de l’organisation «\u00a0${organization}\u00a0» sur ${service} depuis le ${at}.`,
      removed: (owner, organization, service, at) =>
        `${owner} n’est plus propriétaire de l’organisation «\u00a0${organization}\u00a0» sur ${service} depuis le ${at}.`,
    },
    deleted: 'Une personne dont le compte n’existe plus',
    power: 'Les propriétaires peuvent tout faire dans l’organisation, y compris retirer les autres propriétaires.',
    unexpected:
      'Si vous ne vous y attendiez pas, vérifiez dès maintenant les membres de l’organisation. Si la modification a été faite depuis votre compte, mais pas par vous, changez votre mot de passe.',
    unexpectedWithoutPasswords:
      'Si vous ne vous y attendiez pas, vérifiez dès maintenant les membres de l’organisation. Si la modification a été faite depuis votre compte, mais pas par vous, déconnectez-vous partout.',
  },
};

export function ownerChangeEmail(input: Addressee & Change): Mail {
  const { event, ownerName, organizationName, at, ...to } = input;
  const texts = TEXTS[to.locale];
  const owner = ownerName === null ? texts.deleted : displayName(ownerName);
  const mail = event === 'added' ? 'owner-added' : 'owner-removed';
  const values = { owner: ownerName, organization: organizationName, at };
  return composeMail(to, {
    mail,
    values,
    subject: texts.subject[event],
    blocks: [
      texts.what[event](owner, displayName(organizationName), to.service, formatMoment(at, to.locale)),
      texts.power,
      to.hasPasswords === false ? texts.unexpectedWithoutPasswords : texts.unexpected,
    ],
  });
}

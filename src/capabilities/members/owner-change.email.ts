/** Tells the owners of an organization that someone became an owner or is one no longer. The subject names nobody. */
import { formatMoment, type Locale } from '#core/locale.ts';
import { type Addressee, composeMail, displayName, type Mail } from '#core/mail/mail.ts';

type Change = {
  event: 'added' | 'removed';
  /** Null if the account no longer exists. */
  ownerName: string | null;
  organizationName: string;
  at: Date;
  publicUrl: string;
};

type What = (owner: string, organization: string, at: string) => string;

type Texts = {
  subject: Record<Change['event'], string>;
  what: Record<Change['event'], What>;
  deleted: string;
  service: (service: string) => string;
  power: string;
  unexpected: string;
};

const TEXTS: Record<Locale, Texts> = {
  en: {
    subject: {
      added: 'Your organization has a new owner',
      removed: 'Someone is no longer an owner of your organization',
    },
    what: {
      added: (owner, organization, at) => `${owner} became an owner of the organization “${organization}” on ${at}.`,
      removed: (owner, organization, at) =>
        `${owner} is no longer an owner of the organization “${organization}”. It was changed on ${at}.`,
    },
    deleted: 'Someone whose account no longer exists',
    service: (service) => `The organization is one at ${service}.`,
    power: 'Owners can do anything in the organization. They can also remove the other owners.',
    unexpected:
      'If you did not expect this, check the members of the organization now, and change your password if you did not do it yourself.',
  },
  de: {
    subject: {
      added: 'Ihre Organisation hat einen neuen Besitzer',
      removed: 'Jemand ist nicht mehr Besitzer Ihrer Organisation',
    },
    what: {
      added: (owner, organization, at) =>
        `${owner} gehört jetzt zu den Besitzern der Organisation „${organization}“: ${at}.`,
      removed: (owner, organization, at) =>
        `${owner} gehört nicht mehr zu den Besitzern der Organisation „${organization}“. Geändert: ${at}.`,
    },
    deleted: 'Jemand, dessen Konto es nicht mehr gibt,',
    service: (service) => `Die Organisation besteht bei ${service}.`,
    power: 'Besitzer dürfen in der Organisation alles. Sie können auch die anderen Besitzer entfernen.',
    unexpected:
      'Wenn Sie damit nicht gerechnet haben, prüfen Sie jetzt die Mitglieder der Organisation, und ändern Sie Ihr Passwort, falls die Änderung von Ihrem Konto ausging und nicht von Ihnen.',
  },
  es: {
    subject: {
      added: 'Su organización tiene un nuevo propietario',
      removed: 'Alguien ya no es propietario de su organización',
    },
    what: {
      added: (owner, organization, at) => `${owner} es ahora propietario de la organización «${organization}»: ${at}.`,
      removed: (owner, organization, at) =>
        `${owner} ya no es propietario de la organización «${organization}». Modificado: ${at}.`,
    },
    deleted: 'Alguien cuya cuenta ya no existe',
    service: (service) => `La organización está en ${service}.`,
    power: 'Los propietarios pueden hacerlo todo en la organización, también quitar a los demás propietarios.',
    unexpected:
      'Si no lo esperaba, revise ahora los miembros de la organización y, si el cambio se hizo con su cuenta y no fue usted, cambie su contraseña.',
  },
  fr: {
    subject: {
      added: 'Votre organisation a un nouveau propriétaire',
      removed: 'Une personne n’est plus propriétaire de votre organisation',
    },
    what: {
      added: (owner, organization, at) =>
        `${owner} est désormais propriétaire de l’organisation «\u00a0${organization}\u00a0»\u00a0: ${at}.`,
      removed: (owner, organization, at) =>
        `${owner} n’est plus propriétaire de l’organisation «\u00a0${organization}\u00a0». Modifié\u00a0: ${at}.`,
    },
    deleted: 'Une personne dont le compte n’existe plus',
    service: (service) => `L’organisation se trouve sur ${service}.`,
    power: 'Les propriétaires peuvent tout faire dans l’organisation, y compris retirer les autres propriétaires.',
    unexpected:
      'Si vous ne vous y attendiez pas, vérifiez dès maintenant les membres de l’organisation et, si la modification a été faite avec votre compte mais pas par vous, changez votre mot de passe.',
  },
};

export function ownerChangeEmail(input: Addressee & Change): Mail {
  const { event, ownerName, organizationName, at, publicUrl, ...to } = input;
  const texts = TEXTS[to.locale];
  const owner = ownerName === null ? texts.deleted : displayName(ownerName);
  return composeMail(to, texts.subject[event], [
    texts.what[event](owner, displayName(organizationName), formatMoment(at, to.locale)),
    texts.service(new URL(publicUrl).host),
    texts.power,
    texts.unexpected,
  ]);
}

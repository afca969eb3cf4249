/**
 * What the owner of an address sees about an account before they confirm it: enough to recognize whether they created
 * it. If someone else did, confirming would let that person sign in with their password.
 */
import { isIP } from 'node:net';
import type { Ctx } from '#core/context.ts';
import { describeDevice } from '#core/input/device.ts';
import { networkOf } from '#core/limits/network.ts';
import { formatMoment, type Locale } from '#core/locale.ts';
import { displayName } from '#core/mail/display-name.ts';
import { isOpenMethod } from '#core/sign-in-methods.ts';
import type { User } from '#generated/prisma/client.ts';
import { isUnverifiedRegistration } from './registration.ts';

export type ClaimedAccount = {
  /**
   * `registered`: by someone who typed the address. `contested`: registered more than once with different passwords,
   * none of which is valid. `created`: by an operator, an administrator, or an import.
   */
  origin: 'registered' | 'contested' | 'created';
  /** A note about its origin; null if the rows are enough. */
  note: string | null;
  /** Labels and values, in the language of the reader. Names are made harmless, because anyone may have chosen them. */
  rows: readonly (readonly [label: string, value: string])[];
  /** The same without labels, for templates. Names are as they were entered. */
  facts: ClaimedFacts;
};

export type ClaimedFacts = {
  accountName: string;
  username: string | null;
  registeredAt: Date;
  device: string | null;
  ipAddress: string | null;
};

type Texts = Record<
  | 'name'
  | 'username'
  | 'at'
  | 'device'
  | 'network'
  | 'unknown'
  | 'contested'
  /** The same where passwords do not sign in. */
  | 'contestedWithoutPasswords'
  | 'created',
  string
>;

const TEXTS: Record<Locale, Texts> = {
  en: {
    name: 'Name',
    username: 'Username',
    at: 'Registered',
    device: 'Device',
    network: 'IP address',
    unknown: 'unknown',
    contested:
      'This address has been registered more than once, with different passwords. To be safe, none of them counts: once you confirm, we send you a link to choose one.',
    contestedWithoutPasswords:
      'This address has been registered more than once, with different details. To be safe, none of them counts: only the address itself is kept.',
    created: 'The account was created for you; you did not have to register.',
  },
  de: {
    name: 'Name',
    username: 'Benutzername',
    at: 'Registriert',
    device: 'Gerät',
    network: 'IP-Adresse',
    unknown: 'unbekannt',
    contested:
      'Diese Adresse wurde mehrmals und mit verschiedenen Passwörtern registriert. Zur Sicherheit gilt keines davon: Nach der Bestätigung erhalten Sie einen Link, um eines zu wählen.',
    contestedWithoutPasswords:
      'Diese Adresse wurde mehrmals und mit verschiedenen Angaben registriert. Zur Sicherheit gilt keine davon: Erhalten bleibt nur die Adresse selbst.',
    created: 'Das Konto wurde für Sie angelegt; Sie mussten sich nicht registrieren.',
  },
  es: {
    name: 'Nombre',
    username: 'Nombre de usuario',
    at: 'Registro',
    device: 'Dispositivo',
    network: 'Dirección IP',
    unknown: 'se desconoce',
    contested:
      'Esta dirección se ha registrado más de una vez y con contraseñas distintas. Por seguridad no vale ninguna: cuando la confirme, le enviaremos un enlace para elegir una.',
    contestedWithoutPasswords:
      'Esta dirección se ha registrado más de una vez y con datos distintos. Por seguridad no vale ninguno: solo se conserva la dirección.',
    created: 'La cuenta se ha creado para usted; no tenía que registrarse.',
  },
  fr: {
    name: 'Nom',
    username: 'Nom d’utilisateur',
    at: 'Inscription',
    device: 'Appareil',
    network: 'Adresse IP',
    unknown: 'donnée inconnue',
    contested:
      'Cette adresse a été inscrite plusieurs fois, avec des mots de passe différents. Par sécurité, aucun n’est valable\u00a0: après votre confirmation, nous vous enverrons un lien pour en choisir un.',
    contestedWithoutPasswords:
      'Cette adresse a été inscrite plusieurs fois, avec des informations différentes. Par sécurité, aucune n’est retenue\u00a0: seule l’adresse est conservée.',
    created: 'Ce compte a été créé pour vous\u00a0; vous n’aviez pas à vous inscrire.',
  },
};

export async function describeClaimedAccount(
  ctx: Pick<Ctx, 'db' | 'config'>,
  user: User,
  locale: Locale,
): Promise<ClaimedAccount> {
  const reader = { locale, hasPasswords: isOpenMethod(ctx, 'password') };
  const { name: accountName, username, createdAt: registeredAt } = user;
  const facts = { accountName, username, registeredAt, device: null, ipAddress: null };
  if (!isUnverifiedRegistration(user)) return describeClaim('created', facts, reader);
  const isContested = user.passwordHash === null && !user.isPasswordless;
  if (isContested) return describeClaim('contested', facts, reader);
  // The audit log knows where the registration came from, as long as events are kept; the account itself says when.
  const event = await ctx.db.auditEvent.findFirst({
    where: { subjectId: user.id, name: 'register.completed' },
    orderBy: [{ occurredAt: 'desc' }, { id: 'desc' }],
  });
  const { device } = describeDevice(event);
  const ipAddress = roughNetwork(event?.ipAddress ?? null);
  return describeClaim('registered', { ...facts, device, ipAddress }, reader);
}

/**
 * The account in words of the language.
 * @param reader.hasPasswords whether passwords sign in (SIGN_IN_METHODS); by default they do
 */
export function describeClaim(
  origin: ClaimedAccount['origin'],
  facts: ClaimedFacts,
  { locale, hasPasswords = true }: { locale: Locale; hasPasswords?: boolean | undefined },
): ClaimedAccount {
  const texts = TEXTS[locale];
  const { accountName, username, registeredAt, device, ipAddress } = facts;
  const names: [string, string | null][] = [
    [texts.name, displayName(accountName)],
    [texts.username, username && displayName(username)],
  ];
  if (origin === 'created') return { origin, note: texts.created, rows: present(names), facts };
  if (origin === 'contested') {
    return { origin, note: hasPasswords ? texts.contested : texts.contestedWithoutPasswords, rows: [], facts };
  }
  const made: [string, string | null][] = [
    [texts.at, formatMoment(registeredAt, locale)],
    [texts.device, device ?? texts.unknown],
    [texts.network, ipAddress ?? texts.unknown],
  ];
  return { origin, note: null, rows: present([...names, ...made]), facts };
}

function present(rows: readonly [string, string | null][]): [string, string][] {
  return rows.flatMap(([label, value]) => (value ? [[label, value]] : []));
}

/**
 * An IP address in shortened form, for a reader to whom it may not belong: `203.0.113.x`, `2001:db8:7::/48`. Null if it
 * is not an IP address.
 */
function roughNetwork(ipAddress: string | null): string | null {
  if (ipAddress === null || isIP(ipAddress) === 0) return null;
  if (isIP(ipAddress) === 4) return ipAddress.replace(/\d+$/, 'x');
  return `${networkOf(ipAddress).split(':').slice(0, 3).join(':')}::/48`;
}

/**
 * Former addresses that can still take an account back. For seven days after a change of address, the previous address
 * stays in charge, whatever else happens: the change may have been made by an intruder. So someone who confirms a
 * change of an account that is not theirs, by mistake, gets an account that its first owner can take back. As long as
 * that is so, they are warned before they confirm and whenever they choose a password.
 */
import type { Ctx } from '#core/context.ts';
import { maskAddress } from '#core/input/email-address.ts';
import { formatCount, formatMoment, type Locale } from '#core/locale.ts';
import type { User } from '#generated/prisma/client.ts';

/** How long the link is valid that undoes a change of address. */
export const UNDO_DAYS = 7;
/** More former addresses than an honest owner has within seven days; the warning does not become a list. */
const MAX_NAMED = 3;

type Texts = {
  /** Before the change. */
  ahead: (address: string, days: string) => string;
  /** After the change. */
  live: (address: string, until: string) => string;
};

const TEXTS: Record<Locale, Texts> = {
  en: {
    ahead: (address, days) =>
      `The account currently uses the address ${address}. If that address is not yours, do not confirm: the account is someone else’s, and for ${days} after the change, that address can take it back with everything in it.`,
    live: (address, until) =>
      `Until ${until}, the previous address ${address} can take this account back with everything in it, whatever the password is. If that address is not yours, do not put anything into this account before then.`,
  },
  de: {
    ahead: (address, days) =>
      `Das Konto verwendet derzeit die Adresse ${address}. Falls das nicht Ihre Adresse ist, bestätigen Sie nicht: Das Konto gehört dann jemand anderem, der es nach der Änderung noch ${days} lang über diese Adresse zurückholen kann, mit allem, was es enthält.`,
    live: (address, until) =>
      `Bis zum ${until} kann dieses Konto über die frühere Adresse ${address} zurückgeholt werden, mit allem, was es enthält, und unabhängig vom Passwort. Falls das nicht Ihre Adresse ist, legen Sie bis dahin nichts in diesem Konto ab.`,
  },
  es: {
    ahead: (address, days) =>
      `La cuenta usa actualmente la dirección ${address}. Si esa dirección no es suya, no confirme: la cuenta es de otra persona, que podrá recuperarla desde esa dirección, con todo lo que contenga, durante los ${days} siguientes al cambio.`,
    live: (address, until) =>
      `Hasta el ${until}, la dirección anterior ${address} puede recuperar esta cuenta con todo lo que contenga, sea cual sea la contraseña. Si esa dirección no es suya, no guarde nada en esta cuenta hasta entonces.`,
  },
  fr: {
    ahead: (address, days) =>
      `Le compte utilise actuellement l’adresse ${address}. Si cette adresse n’est pas la vôtre, ne confirmez pas\u00a0: le compte appartient à quelqu’un d’autre, qui pourra le récupérer depuis cette adresse, avec tout ce qu’il contient, pendant ${days} après la modification.`,
    live: (address, until) =>
      `Jusqu’au ${until}, l’ancienne adresse ${address} peut récupérer ce compte avec tout ce qu’il contient, quel que soit le mot de passe. Si cette adresse n’est pas la vôtre, n’enregistrez rien dans ce compte d’ici là.`,
  },
};

/** An address, masked, that can take the account back until a time, and the warning about it. */
export type FormerAddress = { address: string; until: Date; warning: string };

/** The masked address, for how many days it can take the account back, and the warning about it. */
export type AddressWarning = { currentAddress: string; undoDays: number; warning: string };

/** The warning to someone who is about to confirm a new address for an account that still has another one. */
export function warnBeforeAddressChange({ email }: Pick<User, 'email'>, locale: Locale): AddressWarning {
  const currentAddress = maskAddress(email);
  const warning = TEXTS[locale].ahead(currentAddress, formatCount(UNDO_DAYS, 'day', locale));
  return { currentAddress, undoDays: UNDO_DAYS, warning };
}

/** The warnings to the owner of the current address while former ones can take the account back; usually none. */
export async function warnOfFormerAddresses(
  ctx: Ctx,
  { id, email }: Pick<User, 'id' | 'email'>,
  locale: Locale,
): Promise<FormerAddress[]> {
  const live = { consumedAt: null, replacedAt: null, expiresAt: { gt: ctx.clock() } };
  const links = await ctx.db.challenge.findMany({
    // A change that was requested and not confirmed has a link for the address that the account still has.
    where: { userId: id, purpose: 'undo-email-change', address: { not: email }, ...live },
    orderBy: { expiresAt: 'desc' },
    take: MAX_NAMED,
  });
  return links.map(({ address, expiresAt: until }) => {
    const masked = maskAddress(address);
    return { address: masked, until, warning: warningOf(masked, until, locale) };
  });
}

/** @param address masked */
export function warningOf(address: string, until: Date, locale: Locale): string {
  return TEXTS[locale].live(address, formatMoment(until, locale));
}

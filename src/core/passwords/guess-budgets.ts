/**
 * The budgets on which a password draws, and what else it costs while many are wrong.
 *
 * A known device has one budget of its own, so strangers never slow the owner down there. All other devices share
 * budgets by network, and for each account one over all networks. While the whole service sees more wrong passwords
 * than people type, many accounts are being tried with a few passwords each: then every attempt on an unknown device
 * costs more, a captcha or a wait.
 */
import type { Ctx } from '#core/context.ts';
import { parseIdentifier } from '#core/input/identifier.ts';
import type { Budget } from '#core/limits/budget.ts';
import { GOOD_HISTORY_DAYS } from '#core/limits/budgets.ts';
import { requireCaptcha } from '#core/limits/captcha.ts';
import { networkOf, siteOf } from '#core/limits/network.ts';
import { giveBack, inTurnOf, noteExhausted, type Reserved, reserve, settle, takeOne } from '#core/limits/throttle.ts';
import { daysAfter } from '#core/time.ts';
import type { User } from '#generated/prisma/client.ts';
import { reportGuessing } from './failure-count.ts';

/** The account whose password is being checked. An unknown identifier takes the same time and counts the same. */
export type PasswordHolder = User | { unknownIdentifier: string };

/** Where someone signs in. */
export type SignInPlace = {
  /** The device, if the account knows it. */
  knownDeviceId: string | null;
  /** The response to a captcha. Undefined if the API of the client has no place for one. */
  captcha?: string | null | undefined;
};

/** A correct password resets the budgets `owned` by the account, and gives one back to those `shared` with others. */
export type GuessBudgets = { owned: Budget[]; shared: Budget[] };

const SERVICE: Budget = { name: 'login-service', of: 'all' };

/** Beyond this many wrong passwords for one account or from one network, a captcha is required. */
const SUSPICIOUS = 10;

/** The budgets of someone who signs in. Unknown identifiers have the same, so that a refusal reveals nothing. */
export function signInBudgets(ctx: Ctx, holder: PasswordHolder, { knownDeviceId }: SignInPlace): GuessBudgets {
  const { subjectId, password } = keysOf(holder);
  if (knownDeviceId !== null) {
    return { owned: [{ name: 'login-device', of: `${password} ${knownDeviceId}`, subjectId }], shared: [] };
  }
  const { owned, shared } = networkBudgets(ctx, holder);
  const strangers: Budget[] = [
    { name: 'login-strangers', of: password, subjectId },
    { name: 'login-consecutive', of: password, subjectId },
  ];
  return { owned: [...owned, ...strangers], shared };
}

/** The budgets of the network of this request. */
export function networkBudgets({ caller: { ipAddress } }: Ctx, holder: PasswordHolder): GuessBudgets {
  const { subjectId, password } = keysOf(holder);
  const network = networkOf(ipAddress);
  const site = siteOf(ipAddress);
  const shared: Budget[] = [{ name: 'login-network', of: network, subjectId }];
  if (site !== null) shared.push({ name: 'login-site', of: site, subjectId });
  return { owned: [{ name: 'login-account', of: `${password} ${network}`, subjectId }], shared };
}

/** All of the budgets, in the order in which they are taken. */
export function all({ owned, shared }: GuessBudgets): Budget[] {
  return [...owned, ...shared];
}

/** Runs no more checks at once than the budgets allow: many correct sign-ins at once wait, and none is refused. */
export function inTurn<T>(ctx: Ctx, budgets: GuessBudgets, work: () => Promise<T>): Promise<T> {
  return all(budgets).reduceRight<() => Promise<T>>((next, budget) => () => inTurnOf(ctx, budget, next), work)();
}

/**
 * Takes one guess from each budget, and asks for its price, if there is one.
 * Fails with TooManyAttemptsError, and with ValidationError if a captcha is missing or wrong.
 */
export async function takeGuess(ctx: Ctx, budgets: GuessBudgets, place: SignInPlace): Promise<Reserved[]> {
  const isStranger = place.knownDeviceId === null;
  const { states, exhausted } = await reserve(ctx, all(budgets), isStranger ? [SERVICE] : []);
  if (!isStranger) return states;
  try {
    await payPrice(ctx, place, stateOf(budgets, states), exhausted.length > 0);
    return states;
  } catch (refusal) {
    await giveBack(ctx, all(budgets));
    throw refusal;
  }
}

type States = (name: Budget['name']) => Reserved | undefined;

function stateOf(budgets: GuessBudgets, states: readonly Reserved[]): States {
  const names = all(budgets).map(({ name }) => name);
  return (name) => states[names.indexOf(name)];
}

/** A captcha if the client can show one; otherwise growing waits, for networks without a recent sign-in. */
async function payPrice(ctx: Ctx, { captcha }: SignInPlace, of: States, isStuffed: boolean): Promise<void> {
  if (isStuffed) await noteExhausted(ctx, SERVICE);
  const counts = [of('login-strangers'), of('login-network')].map((state) => state?.count ?? 0);
  if (ctx.captcha !== null && captcha !== undefined) {
    if (isStuffed || Math.max(...counts) > SUSPICIOUS) await requireCaptcha(ctx, captcha);
    return;
  }
  const network = of('login-network');
  if (!isStuffed || (network !== undefined && isGood(ctx, network))) return;
  await reserve(ctx, [{ name: 'login-price', of: networkOf(ctx.caller.ipAddress) }]);
}

function isGood(ctx: Ctx, { succeededAt }: Reserved): boolean {
  return succeededAt !== null && daysAfter(succeededAt, GOOD_HISTORY_DAYS) > ctx.clock();
}

/** Counts a wrong password on an unknown device; notifies the owner once strangers have to wait. */
export async function noteStranger(
  ctx: Ctx,
  holder: PasswordHolder,
  budgets: GuessBudgets,
  states: readonly Reserved[],
): Promise<void> {
  await takeOne(ctx, SERVICE);
  const strangers = stateOf(budgets, states)('login-strangers');
  if (strangers?.blockedUntil == null) return;
  await reportGuessing(ctx, accountOf(holder), 'id' in holder ? holder.id : null);
}

/** Forgets what strangers have guessed, for the owner who has shown that they read the emails of the account. */
export async function forgetGuesses(ctx: Ctx, user: User): Promise<void> {
  const { owned } = signInBudgets(ctx, user, { knownDeviceId: null });
  await settle(ctx, owned, []);
}

/** The key by which an account is counted; unknown identifiers are counted in their canonical form. */
export function accountOf(holder: PasswordHolder): string {
  return 'id' in holder ? holder.id : `unknown:${canonical(holder.unknownIdentifier)}`;
}

/** A budget belongs to one password: a reset or a change starts a new one, wherever the guesses came from. */
function keysOf(holder: PasswordHolder): { subjectId: string | null; password: string } {
  if (!('id' in holder)) return { subjectId: null, password: `${accountOf(holder)} none` };
  return { subjectId: holder.id, password: `${holder.id} ${holder.passwordHash ?? 'none'}` };
}

function canonical(identifier: string): string {
  return parseIdentifier(identifier)?.value ?? identifier.trim().toLowerCase();
}

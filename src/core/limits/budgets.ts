/**
 * Every budget of the service: what it counts, for whom, how much, and what comes after. Enforcement (throttle.ts),
 * the table in docs/abuse-control.md (print-budgets.ts), `latchkey doctor`, and metrics all read this list. Use cases
 * name a budget; nothing else defines one.
 *
 * The names are stored with the counts: renaming one starts its counts again.
 */
import type { AuditEventName } from '#core/audit-event-names.ts';
import { DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS } from '#core/time.ts';

/** At most `limit` within a window that starts with the first use. */
export type BudgetRule = {
  /** What is counted, and for whom: two phrases for the table. */
  counts: string;
  sharedBy: string;
  limit: number;
  windowSeconds: number;
  /** Beyond the limit, callers wait for 1, 2, 4 … up to so many seconds. Without it, until the window ends. */
  maxWaitSeconds?: number;
  /** What happens beyond the limit, for the table, where it is not a refusal. */
  beyond?: string;
  /** Beyond the limit, only an email to the owner ends the wait: a sign-in by email, or a password reset. */
  requiresEmailProof?: boolean;
  /**
   * The audit event of a refusal. Recorded once per window, so that an attack cannot fill the disk. Absent where nobody
   * is refused.
   */
  refusal?: AuditEventName & `${string}.throttled`;
};

/** How long a successful sign-in counts in favor of its network. */
export const GOOD_HISTORY_DAYS = 7;

/** What both budgets of look-ups have in common. */
const BREACH_CHECK = {
  counts: 'new passwords that are looked up among those of data breaches',
  beyond: 'not looked up',
  windowSeconds: 5 * MINUTE_SECONDS,
  refusal: 'breach_check.throttled',
} as const;

const BUDGETS = {
  'login-device': {
    counts: 'wrong passwords on a known device, which draws on no other budget',
    sharedBy: 'one account and known device, until the password changes',
    limit: 5,
    windowSeconds: HOUR_SECONDS,
    maxWaitSeconds: 300,
    refusal: 'login.throttled',
  },
  'login-account': {
    counts: 'wrong passwords, also of someone signed in who has to enter it again',
    sharedBy: 'one account and network, until the password changes',
    limit: 5,
    windowSeconds: HOUR_SECONDS,
    maxWaitSeconds: 300,
    refusal: 'login.throttled',
  },
  'login-network': {
    counts: 'wrong passwords, whatever the account',
    sharedBy: 'one network',
    limit: 20,
    windowSeconds: 5 * MINUTE_SECONDS,
    maxWaitSeconds: 300,
    refusal: 'login.throttled',
  },
  'login-site': {
    counts: 'wrong passwords over IPv6, whatever the account',
    sharedBy: 'one IPv6 /48',
    limit: 60,
    windowSeconds: 5 * MINUTE_SECONDS,
    maxWaitSeconds: 300,
    refusal: 'login.throttled',
  },
  'login-strangers': {
    counts: 'wrong passwords on unknown devices',
    sharedBy: 'one account, over all networks, until the password changes',
    limit: 20,
    windowSeconds: HOUR_SECONDS,
    maxWaitSeconds: 300,
    refusal: 'login.throttled',
  },
  // NIST SP 800-63B-4 section 3.2.2: no more than 100 consecutive failed attempts on one account.
  'login-consecutive': {
    counts: 'wrong passwords on unknown devices without a right one in between',
    sharedBy: 'one account, over all networks, until the password changes',
    limit: 100,
    windowSeconds: 30 * DAY_SECONDS,
    requiresEmailProof: true,
    refusal: 'login.throttled',
  },
  'login-service': {
    counts: 'wrong passwords on unknown devices',
    sharedBy: 'everyone',
    beyond: 'each further attempt costs more',
    limit: 300,
    windowSeconds: 5 * MINUTE_SECONDS,
    refusal: 'service.throttled',
  },
  'login-price': {
    counts: 'wrong passwords while `login-service` is exhausted, where no captcha can be asked for',
    sharedBy: `one network from which nobody has signed in for ${GOOD_HISTORY_DAYS} days`,
    limit: 1,
    windowSeconds: HOUR_SECONDS,
    maxWaitSeconds: 300,
    refusal: 'login.throttled',
  },
  'login-failures': {
    counts: 'wrong passwords, so that the owner is notified when the right one follows many',
    sharedBy: 'one account',
    limit: 1_000_000,
    windowSeconds: DAY_SECONDS,
  },
  'guessing-notice': {
    counts: 'emails to an owner whose password strangers guess',
    sharedBy: 'one account',
    limit: 1,
    windowSeconds: DAY_SECONDS,
  },
  'new-device-notice': {
    counts: 'emails to an owner about a sign-in on a new device',
    sharedBy: 'one account',
    limit: 1,
    windowSeconds: DAY_SECONDS,
  },
  'second-factor': {
    counts: 'wrong second factors of either kind',
    sharedBy: 'one account',
    limit: 10,
    windowSeconds: HOUR_SECONDS,
    refusal: 'second_factor.throttled',
  },
  'recovery-code': {
    counts: 'wrong recovery codes',
    sharedBy: 'one account',
    limit: 5,
    windowSeconds: HOUR_SECONDS,
    refusal: 'second_factor.throttled',
  },
  'totp-setup': {
    counts: 'wrong codes while an authenticator app is set up',
    sharedBy: 'one account',
    limit: 10,
    windowSeconds: HOUR_SECONDS,
    refusal: 'second_factor.throttled',
  },
  code: {
    counts: 'wrong codes from emails, besides the 5 tries that each code allows',
    sharedBy: 'one email address or account',
    limit: 10,
    windowSeconds: HOUR_SECONDS,
    refusal: 'code.throttled',
  },
  'wrong-proof': {
    counts: 'wrong codes and links that the audit log records one by one',
    beyond: 'not recorded',
    sharedBy: 'one network',
    limit: 100,
    windowSeconds: 5 * MINUTE_SECONDS,
    refusal: 'code.throttled',
  },
  'invitation-code': {
    counts: 'wrong codes from invitations, besides the 5 tries that each code allows',
    sharedBy: 'one account',
    limit: 10,
    windowSeconds: HOUR_SECONDS,
    refusal: 'code.throttled',
  },
  'mail-minute': {
    counts: 'emails that someone requested',
    sharedBy: 'one email address and purpose',
    limit: 1,
    windowSeconds: MINUTE_SECONDS,
    refusal: 'email.throttled',
  },
  'mail-hour': {
    counts: 'emails that someone requested',
    sharedBy: 'one email address and purpose',
    limit: 5,
    windowSeconds: HOUR_SECONDS,
    refusal: 'email.throttled',
  },
  'mail-day': {
    counts: 'emails that someone requested',
    sharedBy: 'one email address and purpose',
    limit: 10,
    windowSeconds: DAY_SECONDS,
    refusal: 'email.throttled',
  },
  'mail-network': {
    counts: 'emails that someone requested without being signed in',
    sharedBy: 'one network',
    limit: 300,
    windowSeconds: HOUR_SECONDS,
    refusal: 'email.throttled',
  },
  'email-change': {
    counts: 'requests for another email address',
    sharedBy: 'one account',
    limit: 5,
    windowSeconds: HOUR_SECONDS,
    refusal: 'email.throttled',
  },
  'invitations-inviter': {
    counts: 'invitations, sent or sent again',
    sharedBy: 'one inviter',
    limit: 100,
    windowSeconds: DAY_SECONDS,
    refusal: 'email.throttled',
  },
  'invitations-organization': {
    counts: 'invitations, sent or sent again',
    sharedBy: 'one organization',
    limit: 500,
    windowSeconds: DAY_SECONDS,
    refusal: 'email.throttled',
  },
  'invitations-address': {
    counts: 'invitations',
    beyond: 'made, but not sent; no tenant learns what another did',
    sharedBy: 'one email address, over all organizations',
    limit: 20,
    windowSeconds: DAY_SECONDS,
  },
  'email-availability': {
    counts: 'answers that reveal whether an email address, username, or phone number is taken',
    sharedBy: 'one network',
    limit: 30,
    windowSeconds: 5 * MINUTE_SECONDS,
    maxWaitSeconds: 300,
    refusal: 'discovery.throttled',
  },
  'breach-check': { ...BREACH_CHECK, sharedBy: 'one network', limit: 30 },
  'breach-check-service': { ...BREACH_CHECK, sharedBy: 'everyone', limit: 1000 },
  'service-client': {
    counts: 'wrong client secrets',
    sharedBy: 'one network',
    limit: 20,
    windowSeconds: 5 * MINUTE_SECONDS,
    refusal: 'service_client.throttled',
  },
  write: {
    counts: 'changes of any kind',
    sharedBy: 'one account',
    limit: 1000,
    windowSeconds: 5 * MINUTE_SECONDS,
    refusal: 'write.throttled',
  },
  'export-my-data': {
    counts: 'exports of everything that is stored about a person',
    sharedBy: 'one account',
    limit: 10,
    windowSeconds: HOUR_SECONDS,
    refusal: 'export_my_data.throttled',
  },
  'access-denied': {
    counts: 'denied requests that the audit log records one by one',
    beyond: 'not recorded',
    sharedBy: 'one account',
    limit: 20,
    windowSeconds: HOUR_SECONDS,
    refusal: 'access.throttled',
  },
} as const satisfies Record<string, BudgetRule>;

export type BudgetName = keyof typeof BUDGETS;

/** The names of all budgets, in the order of the table. */
export const BUDGET_NAMES: readonly BudgetName[] = Object.keys(BUDGETS).filter((name) => isBudgetName(name));

export function ruleOf(name: BudgetName): BudgetRule {
  return BUDGETS[name];
}

function isBudgetName(name: string): name is BudgetName {
  return Object.hasOwn(BUDGETS, name);
}

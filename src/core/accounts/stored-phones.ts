/**
 * Rewrites the phone numbers that an earlier version stored in another form (PHONE_RULES), when the service starts or
 * migrates. SQL cannot do this, because only the library knows which digits belong to a number.
 *
 * Where two accounts turn out to have one number, a verified account keeps it, or else the older one. The other loses
 * it, which is in its audit log and in the service's log. A number that the library does not accept stays as it is, and
 * still signs in. A number that is held for an account that gave it up (former-identifier.ts) is rewritten, too: it
 * stays held for the account that had it last, unless another account has it now.
 *
 * Every number is one transaction with guarded statements, so replicas that start at once, requests under way, and an
 * interrupted start do no harm: the next start continues.
 */
import { randomUUID } from 'node:crypto';
import { auditEach } from '#core/audit.ts';
import { retryConflicts } from '#core/conflict.ts';
import { type Ctx, traceIdOf } from '#core/context.ts';
import { PHONE_RULES, parsePhone } from '#core/input/identifier.ts';
import type { User } from '#generated/prisma/client.ts';
import { isUnverifiedRegistration } from './registration.ts';

export type NormalizedPhones = {
  /** The number of accounts whose number was rewritten. */
  rewritten: number;
  /** The accounts that lost their number to another. */
  releasedFrom: string[];
};

type StepParts = Pick<Ctx, 'database' | 'clock' | 'log' | 'config'>;

const STEP = 'normalize-phones';
const PAGE_SIZE = 1000;

/** Does nothing if the stored numbers follow the current rules already. */
export async function normalizeStoredPhones(parts: StepParts): Promise<NormalizedPhones> {
  const { prisma } = parts.database;
  const done = await prisma.dataStep.findUnique({ where: { name: STEP } });
  const total: NormalizedPhones = { rewritten: 0, releasedFrom: [] };
  if (done?.version === PHONE_RULES) return total;
  for await (const { stored, canonical } of outdatedNumbers(parts)) {
    const { rewritten, releasedFrom } = await retryConflicts(() => settle(parts, stored, canonical));
    total.rewritten += rewritten;
    total.releasedFrom.push(...releasedFrom);
    for (const userId of releasedFrom) {
      parts.log.warn({ userId }, 'this account lost its phone number: another has the same in another spelling');
    }
  }
  const row = { version: PHONE_RULES, finishedAt: parts.clock() };
  await prisma.dataStep.upsert({ where: { name: STEP }, create: { name: STEP, ...row }, update: row });
  if (total.rewritten > 0) parts.log.info({ accounts: total.rewritten }, 'phone numbers rewritten in one form');
  return total;
}

async function* outdatedNumbers({ database }: StepParts): AsyncGenerator<{ stored: string; canonical: string }> {
  let after = '';
  for (;;) {
    const page = await database.prisma.$queryRaw<{ phone: string }[]>`
      (SELECT phone FROM users WHERE phone > ${after} ORDER BY phone LIMIT ${PAGE_SIZE})
      UNION
      (SELECT value FROM former_identifiers
        WHERE kind = 'PHONE' AND value > ${after} ORDER BY value LIMIT ${PAGE_SIZE})
      ORDER BY phone LIMIT ${PAGE_SIZE}`;
    for (const { phone: stored } of page) {
      after = stored;
      const canonical = parsePhone(stored);
      if (canonical !== null && canonical !== stored) yield { stored, canonical };
    }
    if (page.length < PAGE_SIZE) return;
  }
}

/** Gives the number to one of the accounts that have it in either spelling, and takes it from the other. */
async function settle(parts: StepParts, stored: string, canonical: string): Promise<NormalizedPhones> {
  const { database, clock, config, log } = parts;
  const actions: (() => void)[] = [];
  const settled = await database.prisma.$transaction(async (db) => {
    // The lock of everyone who claims this number (identifier-claim.ts).
    await db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${canonical}, 0))`;
    const holders = await db.user.findMany({ where: { phone: { in: [stored, canonical] } } });
    const [keeper, ...others] = holders.toSorted(byRight);
    const released = await db.user.updateManyAndReturn({
      where: { id: { in: others.map(({ id }) => id) }, phone: { in: [stored, canonical] } },
      data: { phone: null, updatedAt: clock() },
      select: { id: true },
    });
    const rewritten = await db.user.updateManyAndReturn({
      where: { id: { in: keeper === undefined ? [] : [keeper.id] }, phone: stored },
      data: { phone: canonical, updatedAt: clock() },
      select: { id: true },
    });
    await rewriteHeld(db, stored, canonical);
    const requestId = randomUUID();
    const caller = { requestId, traceId: traceIdOf(requestId), ipAddress: null, userAgent: null, acceptLanguage: null };
    const afterCommit = (action: () => void) => void actions.push(action);
    const step = { db, clock, config, log, caller, afterCommit, origin: 'schedule' } as const;
    const releasedFrom = released.map(({ id }) => id);
    await auditEach(step, 'normalize_phone.released', releasedFrom);
    await auditEach(
      step,
      'normalize_phone.completed',
      rewritten.map(({ id }) => id),
    );
    return { rewritten: rewritten.length, releasedFrom };
  });
  for (const action of actions) action();
  return settled;
}

/** The number as a former one. Guarded, because an account that gives it up at this moment does not lock it. */
async function rewriteHeld(db: Ctx['db'], stored: string, canonical: string): Promise<void> {
  await db.$executeRaw`
    DELETE FROM former_identifiers f USING users u
     WHERE f.value IN (${stored}, ${canonical}) AND u.phone = ${canonical} AND u.id <> f.user_id`;
  await db.$executeRaw`
    WITH outdated AS (DELETE FROM former_identifiers WHERE value = ${stored} RETURNING kind, user_id, held_until)
    INSERT INTO former_identifiers AS f (value, kind, user_id, held_until)
    SELECT ${canonical}, kind, user_id, held_until FROM outdated
        ON CONFLICT (value) DO UPDATE SET user_id = excluded.user_id, held_until = excluded.held_until
     WHERE f.held_until < excluded.held_until`;
}

/** Who keeps a number comes first: verified accounts, then those that an operator made, then the oldest. */
function byRight(one: User, other: User): number {
  return rankOf(one) - rankOf(other) || one.createdAt.getTime() - other.createdAt.getTime();
}

function rankOf(user: User): number {
  if (user.emailVerifiedAt !== null) return 0;
  return isUnverifiedRegistration(user) ? 2 : 1;
}

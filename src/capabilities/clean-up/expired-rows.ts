/**
 * Rows whose time is over. Each function removes one batch and gives its size, so that no statement takes long; rows
 * that somebody else holds just now are left for the next time. Every condition is the front of an index.
 */
import { type Ctx, inTransaction } from '#core/context.ts';
import { daysAfter, secondsAfter } from '#core/time.ts';

const BATCH = 1000;

/** An ended session is kept after its last possible day, for who asks where somebody was signed in. */
const SESSION_RETENTION_DAYS = 30;
/** A proof that has ended is of no use; the day is for whoever has to find out what went wrong. */
const CHALLENGE_RETENTION_DAYS = 1;
/** What became of an invitation can be looked up for so long; then the address of somebody who may have no account goes. */
const INVITATION_RETENTION_DAYS = 90;
/** Who has not proven their address by then has to register again; the address is free. */
const UNVERIFIED_RETENTION_DAYS = 30;

export function removeSessions(ctx: Ctx): Promise<number> {
  return ctx.db.$executeRaw`
    DELETE FROM sessions WHERE id IN (
      SELECT id FROM sessions WHERE expires_at < ${daysAgo(ctx, SESSION_RETENTION_DAYS)}::timestamptz
       ORDER BY expires_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`;
}

export function removeChallenges(ctx: Ctx): Promise<number> {
  return ctx.db.$executeRaw`
    DELETE FROM challenges WHERE id IN (
      SELECT id FROM challenges WHERE expires_at < ${daysAgo(ctx, CHALLENGE_RETENTION_DAYS)}::timestamptz
       ORDER BY expires_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`;
}

/** Budgets that start again at the next attempt anyway. */
export function removeThrottles(ctx: Ctx): Promise<number> {
  return ctx.db.$executeRaw`
    DELETE FROM throttles WHERE key IN (
      SELECT key FROM throttles
       WHERE expires_at < ${ctx.clock()}::timestamptz
         AND (blocked_until IS NULL OR blocked_until < ${ctx.clock()}::timestamptz)
       ORDER BY expires_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`;
}

/** Former names of organizations that may be somebody else's now. */
export function removeFormerSlugs(ctx: Ctx): Promise<number> {
  return ctx.db.$executeRaw`
    DELETE FROM former_slugs WHERE slug IN (
      SELECT slug FROM former_slugs WHERE expires_at < ${ctx.clock()}::timestamptz
       ORDER BY expires_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`;
}

export function removeInvitations(ctx: Ctx): Promise<number> {
  return ctx.db.$executeRaw`
    DELETE FROM invitations WHERE id IN (
      SELECT id FROM invitations WHERE expires_at < ${daysAgo(ctx, INVITATION_RETENTION_DAYS)}::timestamptz
       ORDER BY expires_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`;
}

/**
 * Accounts that somebody registered and whose address nobody ever proved, which may never have been theirs. Accounts
 * that an operator made or imported have no such registration and stay, as does whoever belongs to an organization.
 */
export async function removeUnverifiedAccounts(ctx: Ctx): Promise<number> {
  const before = daysAgo(ctx, UNVERIFIED_RETENTION_DAYS);
  const removed = await ctx.db.$queryRaw<{ id: string }[]>`
    DELETE FROM users WHERE id IN (
      SELECT u.id FROM users u
       WHERE u.created_at < ${before}::timestamptz AND u.email_verified_at IS NULL AND u.disabled_at IS NULL
         AND u.source = 'REGISTRATION'
         AND NOT EXISTS (SELECT 1 FROM challenges c WHERE c.user_id = u.id AND c.expires_at > ${before}::timestamptz)
         AND NOT EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = u.id)
       ORDER BY u.created_at LIMIT ${BATCH} FOR UPDATE OF u SKIP LOCKED)
    RETURNING id`;
  return removed.length;
}

/** Events older than AUDIT_RETENTION; nothing else may take any out of the record, and the database sees to it. */
export async function removeAuditEvents(ctx: Ctx): Promise<number> {
  const before = secondsAfter(ctx.clock(), -ctx.config.auditRetentionSeconds);
  return inTransaction(ctx, async (tx) => {
    await tx.db.$executeRaw`SET LOCAL latchkey.audit_retention = 'on'`;
    return tx.db.$executeRaw`
      DELETE FROM audit_events WHERE id IN (
        SELECT id FROM audit_events WHERE occurred_at < ${before}::timestamptz
         ORDER BY occurred_at, id LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`;
  });
}

function daysAgo(ctx: Ctx, days: number): Date {
  return daysAfter(ctx.clock(), -days);
}

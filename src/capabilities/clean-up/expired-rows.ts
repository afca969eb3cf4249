/**
 * Removes expired rows. Each function removes one batch and returns its size, so that no statement takes long. Rows
 * locked by someone else are left for the next run. Every condition uses the leading columns of an index.
 */
import type { Ctx } from '#core/context.ts';
import { knownSince } from '#core/devices/device-life.ts';
import { GOOD_HISTORY_DAYS } from '#core/limits/budgets.ts';
import { daysAfter } from '#core/time.ts';

const BATCH = 1000;

/** Ended sessions are kept this long after their last possible day, for questions about where someone was signed in. */
const SESSION_RETENTION_DAYS = 30;
/** Ended challenges are of no use; they are kept for a day to help find out what went wrong. */
const CHALLENGE_RETENTION_DAYS = 1;
/** How long the outcome of an invitation can be looked up. It names an address, maybe of someone without an account. */
const INVITATION_RETENTION_DAYS = 90;
/** A day longer than the links that restore removed factors work. */
const UNDONE_RETENTION_DAYS = 8;
/** Longer than the links that undo a change work. */
const CHANGE_RETENTION_DAYS = 30;
/** After this time, someone who has not verified their address has to register again; the address becomes free. */
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

/** Expired counts, which would start again with the next attempt anyway, unless they speak for a network. */
export function removeThrottles(ctx: Ctx): Promise<number> {
  return ctx.db.$executeRaw`
    DELETE FROM throttles WHERE key IN (
      SELECT key FROM throttles
       WHERE expires_at < ${ctx.clock()}::timestamptz
         AND (blocked_until IS NULL OR blocked_until < ${ctx.clock()}::timestamptz)
         AND (succeeded_at IS NULL OR succeeded_at < ${daysAgo(ctx, GOOD_HISTORY_DAYS)}::timestamptz)
       ORDER BY expires_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`;
}

/** Used codes and link tokens that can no longer be repeated. */
export function removeUsedProofs(ctx: Ctx): Promise<number> {
  return ctx.db.$executeRaw`
    DELETE FROM used_proofs WHERE key IN (
      SELECT key FROM used_proofs WHERE expires_at < ${ctx.clock()}::timestamptz
       ORDER BY expires_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`;
}

/** Former slugs of organizations that others may take now. */
export function removeFormerSlugs(ctx: Ctx): Promise<number> {
  return ctx.db.$executeRaw`
    DELETE FROM former_slugs WHERE slug IN (
      SELECT slug FROM former_slugs WHERE expires_at < ${ctx.clock()}::timestamptz
       ORDER BY expires_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`;
}

/** Former usernames and phone numbers that others may take now. */
export function removeFormerIdentifiers(ctx: Ctx): Promise<number> {
  return ctx.db.$executeRaw`
    DELETE FROM former_identifiers WHERE value IN (
      SELECT value FROM former_identifiers WHERE held_until < ${ctx.clock()}::timestamptz
       ORDER BY held_until LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`;
}

/** Removed second factors, and changes that can no longer be undone. */
export async function removeFormerFactors(ctx: Ctx): Promise<number> {
  const before = daysAgo(ctx, UNDONE_RETENTION_DAYS);
  const factors = await ctx.db.$executeRaw`
    DELETE FROM totp_factors WHERE id IN (
      SELECT id FROM totp_factors WHERE removed_at < ${before}::timestamptz
       ORDER BY removed_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`;
  const changes = await ctx.db.$executeRaw`
    DELETE FROM security_changes WHERE id IN (
      SELECT id FROM security_changes WHERE created_at < ${daysAgo(ctx, CHANGE_RETENTION_DAYS)}::timestamptz
       ORDER BY created_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`;
  return factors + changes;
}

/** Devices that have not been seen for so long that they are no longer known. */
export function removeDevices(ctx: Ctx): Promise<number> {
  return ctx.db.$executeRaw`
    DELETE FROM devices WHERE id IN (
      SELECT id FROM devices WHERE last_seen_at < ${knownSince(ctx.clock())}::timestamptz
       ORDER BY last_seen_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`;
}

export function removeInvitations(ctx: Ctx): Promise<number> {
  return ctx.db.$executeRaw`
    DELETE FROM invitations WHERE id IN (
      SELECT id FROM invitations WHERE expires_at < ${daysAgo(ctx, INVITATION_RETENTION_DAYS)}::timestamptz
       ORDER BY expires_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`;
}

/**
 * Registrations whose address was never verified and may belong to someone else. Accounts that an operator created or
 * imported stay, and so do accounts that belong to an organization.
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

function daysAgo(ctx: Ctx, days: number): Date {
  return daysAfter(ctx.clock(), -days);
}

/** Ends whatever opens an account and was created by `at`, one statement each. Each returns how many rows it ended. */
import type { AuditEventName } from '#core/audit-event-names.ts';
import type { Ctx } from '#core/context.ts';
import { MAIL_DEAD_LETTER, MAIL_QUEUE } from '#core/mail/outbox.ts';
import { UNDO_PURPOSES } from '#core/proofs/challenge-purpose.ts';
import type { SessionEndReason } from '#core/sessions/session.ts';

/** Includes the sessions of the REST APIs, which their tokens stand for. */
export async function endSessions({ db, clock }: Ctx, at: Date): Promise<number> {
  const endReason = 'backup_restored' satisfies SessionEndReason;
  const ended = { endedAt: clock(), endReason };
  return (await db.session.updateMany({ where: { endedAt: null, createdAt: { lte: at } }, data: ended })).count;
}

export async function endDevices({ db, clock }: Ctx, at: Date): Promise<number> {
  const where = { revokedAt: null, createdAt: { lte: at } };
  return (await db.device.updateMany({ where, data: { revokedAt: clock() } })).count;
}

/** Leaves the links that undo a change; restored-backup.ts says why. */
export async function endChallenges({ db, clock }: Ctx, at: Date): Promise<number> {
  const open = { consumedAt: null, replacedAt: null, purpose: { notIn: [...UNDO_PURPOSES] } };
  const data = { replacedAt: clock() };
  return (await db.challenge.updateMany({ where: { ...open, createdAt: { lte: at } }, data })).count;
}

/** Otherwise a repeated request would get its earlier answer again for a few minutes. */
export async function forgetUsedProofs({ db }: Ctx): Promise<void> {
  await db.usedProof.deleteMany();
}

export async function endInvitations({ db, clock }: Ctx, at: Date): Promise<number> {
  const where = { acceptedAt: null, declinedAt: null, revokedAt: null, createdAt: { lte: at } };
  return (await db.invitation.updateMany({ where, data: { revokedAt: clock() } })).count;
}

/** Owners set a new one by email. Passwords that were set after `at` stay. */
export async function endPasswords({ db, clock }: Ctx, at: Date): Promise<number> {
  const renewed = ['change_password.completed', 'reset_password.completed'] satisfies AuditEventName[];
  return db.$executeRaw`
    UPDATE users u SET password_hash = NULL, updated_at = ${clock()}::timestamptz
     WHERE u.password_hash IS NOT NULL AND u.created_at <= ${at}::timestamptz
       AND NOT EXISTS (SELECT 1 FROM audit_events e
                        WHERE e.subject_id = u.id AND e.occurred_at > ${at}::timestamptz AND e.name = ANY(${renewed}))`;
}

export async function endLegacyPasswords({ db }: Ctx, at: Date): Promise<number> {
  return (await db.legacyPassword.deleteMany({ where: { createdAt: { lte: at } } })).count;
}

export async function endRecoveryCodes({ db, clock }: Ctx, at: Date): Promise<number> {
  const where = { usedAt: null, createdAt: { lte: at } };
  return (await db.recoveryCode.updateMany({ where, data: { usedAt: clock() } })).count;
}

/** Waiting emails, and those that were given up. Most of them were already sent before the restore. */
export async function dropMails({ db }: Ctx, at: Date): Promise<number> {
  return db.$executeRaw`
    DELETE FROM pgboss.job
     WHERE name IN (${MAIL_QUEUE}, ${MAIL_DEAD_LETTER}) AND state < 'completed' AND created_on <= ${at}::timestamptz`;
}

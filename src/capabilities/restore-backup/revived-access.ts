/** Ends what opens an account and was created until `at`, each with one statement. Returns how many of them ended. */
import type { AuditEventName } from '#core/audit-event-names.ts';
import type { Ctx } from '#core/context.ts';
import { MAIL_DEAD_LETTER, MAIL_QUEUE } from '#core/mail/outbox.ts';
import { UNDO_PURPOSES } from '#core/proofs/challenge.ts';
import type { SessionEndReason } from '#core/sessions/session.ts';

/** Also those of the REST APIs, whose tokens are sessions. */
export async function endSessions({ db, clock }: Ctx, at: Date): Promise<number> {
  const endReason = 'backup_restored' satisfies SessionEndReason;
  const ended = { endedAt: clock(), endReason };
  return (await db.session.updateMany({ where: { endedAt: null, createdAt: { lte: at } }, data: ended })).count;
}

export async function endDevices({ db, clock }: Ctx, at: Date): Promise<number> {
  const where = { revokedAt: null, createdAt: { lte: at } };
  return (await db.device.updateMany({ where, data: { revokedAt: clock() } })).count;
}

/** Not the links that undo a change: see restore-backup.ts. */
export async function endChallenges({ db, clock }: Ctx, at: Date): Promise<number> {
  const open = { consumedAt: null, replacedAt: null, purpose: { notIn: [...UNDO_PURPOSES] } };
  const data = { replacedAt: clock() };
  return (await db.challenge.updateMany({ where: { ...open, createdAt: { lte: at } }, data })).count;
}

/** For a few minutes, the same request gets the same answer again. */
export async function forgetUsedProofs({ db }: Ctx): Promise<void> {
  await db.usedProof.deleteMany();
}

export async function endInvitations({ db, clock }: Ctx, at: Date): Promise<number> {
  const where = { acceptedAt: null, declinedAt: null, revokedAt: null, createdAt: { lte: at } };
  return (await db.invitation.updateMany({ where, data: { revokedAt: clock() } })).count;
}

/** Their owners set a new one by email, unless they have done so since. */
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

/** Emails that wait, and those that were given up. Most of them left before. */
export async function dropMails({ db }: Ctx, at: Date): Promise<number> {
  return db.$executeRaw`
    DELETE FROM pgboss.job
     WHERE name IN (${MAIL_QUEUE}, ${MAIL_DEAD_LETTER}) AND state < 'completed' AND created_on <= ${at}::timestamptz`;
}

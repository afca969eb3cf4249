/** The record of what happened: append-only, names nobody's secret. Written in the transaction of what it records. */
import type { Ctx } from './context.ts';
import { hmac } from './secrets.ts';

/** Every event there is; a new one is added here first. */
export type AuditEventName =
  | 'register.completed'
  | 'register.repeated'
  | 'verify_email.completed'
  | 'verify_email.failed'
  | 'verify_email.requested'
  | 'login.completed'
  | 'login.failed'
  | 'reauthenticate.completed'
  | 'reauthenticate.failed'
  | 'refresh.replayed'
  | 'logout.completed'
  | 'logout_everywhere.completed'
  | 'change_email.requested'
  | 'change_email.completed'
  | 'change_email.failed'
  | 'change_email.undone'
  | 'delete_account.requested'
  | 'delete_account.failed'
  | 'delete_account.undone'
  | 'delete_account.completed'
  | 'export_my_data.completed'
  | 'change_password.completed'
  | 'change_password.failed'
  | 'update_profile.completed'
  | 'reset_password.requested'
  | 'reset_password.completed'
  | 'reset_password.failed';

/** What else is known about an event. */
export type AuditDetails = {
  /** Who did it; null or absent for a stranger. */
  actorId?: string | null;
  /** In which session; only a digest of it is kept. */
  sessionId?: string | null;
  /** The organisation that was acted in. */
  organizationId?: string | null;
};

/** @param subjectId whom it concerns; null for an unknown identifier */
export async function audit(
  ctx: Ctx,
  name: AuditEventName,
  subjectId: string | null,
  { actorId = null, sessionId = null, organizationId = null }: AuditDetails = {},
): Promise<void> {
  await ctx.db.auditEvent.create({
    data: {
      name,
      outcome: name.endsWith('.failed') || name.endsWith('.replayed') ? 'FAILURE' : 'SUCCESS',
      subjectId,
      actorId,
      sessionRef: sessionId === null ? null : sessionRef(ctx, sessionId),
      organizationId,
      ipAddress: ctx.caller.ipAddress,
      userAgent: ctx.caller.userAgent,
      requestId: ctx.caller.requestId,
      occurredAt: ctx.clock(),
    },
  });
}

/** Tells sessions apart in the record without naming them: who reads it cannot use or find a session by it. */
export function sessionRef({ secrets }: Pick<Ctx, 'secrets'>, sessionId: string): string {
  return hmac(secrets.auditSession, sessionId).toString('base64url', 0, 9);
}

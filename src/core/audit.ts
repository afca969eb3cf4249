/** The record of what happened: append-only, names nobody's secret. Written in the transaction of what it records. */
import type { Ctx } from './context.ts';

/** Every event there is; a new one is added here first. */
export type AuditEventName =
  | 'register.completed'
  | 'register.repeated'
  | 'verify_email.completed'
  | 'verify_email.failed'
  | 'verify_email.requested'
  | 'login.completed'
  | 'login.failed'
  | 'refresh.replayed'
  | 'logout.completed'
  | 'logout_everywhere.completed'
  | 'reset_password.requested'
  | 'reset_password.completed'
  | 'reset_password.failed';

/** @param subjectId whom it concerns; null for an unknown identifier */
export async function audit(
  ctx: Ctx,
  name: AuditEventName,
  subjectId: string | null,
  actorId: string | null = null,
): Promise<void> {
  await ctx.db.auditEvent.create({
    data: {
      name,
      outcome: name.endsWith('.failed') || name.endsWith('.replayed') ? 'FAILURE' : 'SUCCESS',
      subjectId,
      actorId,
      ipAddress: ctx.caller.ipAddress,
      userAgent: ctx.caller.userAgent,
      requestId: ctx.caller.requestId,
      occurredAt: ctx.clock(),
    },
  });
}

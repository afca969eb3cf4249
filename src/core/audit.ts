/** The audit log: append-only and free of secrets. Events are written in the transaction of the change they record. */
import { v7 as uuid } from 'uuid';
import type { AuditEvent } from '#generated/prisma/client.ts';
import { type AuditEventName, outcomeOf } from './audit-event-names.ts';
import type { Ctx } from './context.ts';
import { hmac } from './secrets.ts';

/** Further details of an event. */
export type AuditDetails = {
  /** Who did it; null or absent for a stranger. */
  actorId?: string | null;
  /** The session in which it happened; only a digest of it is stored. */
  sessionId?: string | null;
  /** The organization in which it happened. */
  organizationId?: string | null;
};

/**
 * Records an event in the current transaction.
 * @param subjectId the account it concerns; null for an unknown identifier
 */
export async function audit(
  ctx: Ctx,
  name: AuditEventName,
  subjectId: string | null,
  { actorId = null, sessionId = null, organizationId = null }: AuditDetails = {},
): Promise<void> {
  ctx.trail.userId ??= subjectId;
  const event: AuditEvent = {
    id: uuid(),
    name,
    outcome: outcomeOf(name),
    subjectId,
    actorId,
    sessionRef: sessionId === null ? null : sessionRef(ctx, sessionId),
    organizationId,
    ipAddress: ctx.caller.ipAddress,
    userAgent: ctx.caller.userAgent,
    requestId: ctx.caller.requestId,
    origin: ctx.origin,
    method: null,
    amr: [],
    occurredAt: ctx.clock(),
  };
  await ctx.db.auditEvent.create({ data: event, select: { id: true } });
  logEvents(ctx, [event]);
}

/** Like `audit`, for a change that a signed-in user made to their own account. */
export async function auditBy(
  ctx: Ctx,
  { user, session }: { user: { id: string }; session: { id: string } },
  name: AuditEventName,
): Promise<void> {
  await audit(ctx, name, user.id, { actorId: user.id, sessionId: session.id });
}

/** Like `audit`, for one event that concerns many accounts, in one statement. */
export async function auditEach(
  ctx: Pick<Ctx, 'db' | 'caller' | 'origin' | 'clock' | 'config' | 'log' | 'afterCommit'>,
  name: AuditEventName,
  subjectIds: readonly string[],
): Promise<void> {
  const { ipAddress, userAgent, requestId } = ctx.caller;
  const nobody = { actorId: null, sessionRef: null, organizationId: null, method: null, amr: [] };
  const event = { name, outcome: outcomeOf(name), ...nobody, ipAddress, userAgent, requestId, origin: ctx.origin };
  const occurredAt = ctx.clock();
  const events = subjectIds.map((subjectId) => ({ id: uuid(), ...event, subjectId, occurredAt }));
  await ctx.db.auditEvent.createMany({ data: events });
  logEvents(ctx, events);
}

/** An event as a log line has it: without the user agent, which a client may set to anything. */
export type LoggedEvent = Omit<AuditEvent, 'userAgent'>;

/**
 * With AUDIT_LOG, writes events as log lines, so that a copy of them survives where nobody who has the database can
 * change it (OWASP ASVS 5.0, 16.4.3). Written after the commit: a change that was rolled back did not happen.
 */
export function logEvents(ctx: Pick<Ctx, 'config' | 'log' | 'afterCommit'>, events: readonly LoggedEvent[]): void {
  if (!ctx.config.auditLog) return;
  ctx.afterCommit(() => {
    const log = ctx.log.child({}, { level: 'info' });
    for (const { id, name, outcome, subjectId, actorId, sessionRef: session, ...where } of events) {
      const { ipAddress: ip, organizationId, requestId, origin, method, amr, occurredAt } = where;
      const who = { subjectId, actorId, session, organizationId, ip };
      const event = { id, name, outcome, ...who, requestId, origin, method, amr, occurredAt };
      log.info({ event }, 'audit');
    }
  });
}

const COLUMN_OF = {
  id: 'id',
  name: 'name',
  outcome: 'outcome',
  subjectId: 'subject_id',
  actorId: 'actor_id',
  sessionRef: 'session_ref',
  organizationId: 'organization_id',
  ipAddress: 'ip_address',
  userAgent: 'user_agent',
  requestId: 'request_id',
  origin: 'origin',
  method: 'method',
  amr: 'amr',
  occurredAt: 'occurred_at',
} as const satisfies Record<keyof AuditEvent, string>;

/** The columns of an event, for a statement that writes its event along with something else. */
export const AUDIT_EVENT_COLUMNS = Object.values(COLUMN_OF).join(', ');

/** The values of these columns, in their order. The compiler requires each field of the model. */
export function auditEventValues(sql: Record<keyof typeof COLUMN_OF, string>): string {
  return Object.keys(COLUMN_OF)
    .filter((field) => isField(field))
    .map((field) => sql[field])
    .join(', ');
}

function isField(field: string): field is keyof typeof COLUMN_OF {
  return field in COLUMN_OF;
}

/** Tells sessions apart in the audit log; someone who reads it can neither use nor find a session with this value. */
export function sessionRef({ secrets }: Pick<Ctx, 'secrets'>, sessionId: string): string {
  return hmac(secrets.auditSession, sessionId).toString('base64url', 0, 9);
}

/**
 * An event as shown to the person it concerns. The IP address and user agent of another person who did it are left out;
 * those of an anonymous caller, such as someone who guesses passwords, are shown.
 */
export function asSeenBy(userId: string, event: AuditEvent): AuditEvent {
  const isOwn = event.actorId === null || event.actorId === userId;
  return isOwn ? event : { ...event, ipAddress: null, userAgent: null, sessionRef: null };
}

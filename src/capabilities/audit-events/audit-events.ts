/**
 * Read the audit log. People see the events of their own account, administrators see everything. Only administrators
 * see the IP address and user agent of another person who did something to an account.
 *
 * Newest first, with filters by name and time. The audit log contains no secrets, and the database lets nobody change
 * it.
 * Fails with: UnauthenticatedError, ForbiddenError.
 */
import { validate as isUuid } from 'uuid';
import { requireAdministrator } from '#core/accounts/administrator.ts';
import { asSeenBy } from '#core/audit.ts';
import { AUDIT_EVENTS, type AuditEventName, OTHER_EVENT } from '#core/audit-event-names.ts';
import type { Ctx } from '#core/context.ts';
import { startOfPage } from '#core/input/list-page.ts';
import { readLate } from '#core/late-reads.ts';
import { actsAsAdmin } from '#core/sessions/second-factor-policy.ts';
import { requireViewer } from '#core/sessions/viewer.ts';
import type { AuditEvent, Prisma, User } from '#generated/prisma/client.ts';

/** Selects events; a filter that is absent or null is ignored. */
export type AuditFilter = {
  /** `OTHER_EVENT` selects every event that this version does not know. */
  name?: AuditEventName | typeof OTHER_EVENT | null | undefined;
  /** Inclusive. */
  since?: Date | null | undefined;
  /** Exclusive. */
  until?: Date | null | undefined;
};

/** Like `AuditFilter`, but also by actor, subject, and organization. */
export type WholeAuditFilter = AuditFilter & {
  subjectId?: string | null | undefined;
  actorId?: string | null | undefined;
  organizationId?: string | null | undefined;
};

/**
 * Where a page begins and how long it is, in the form that Prisma expects: after the event of the cursor, or with a
 * negative `take` before it.
 */
export type AuditPage = { cursor?: object; skip?: number; take: number };

/** The events that concern an account: for its owner and for administrators. */
export async function listAuditEventsOf(
  ctx: Ctx,
  user: Pick<User, 'id'>,
  filter: AuditFilter,
  page: AuditPage,
): Promise<AuditEvent[]> {
  const viewer = ctx.origin === 'operator' ? null : await requireViewer(ctx);
  if (viewer?.user.id !== user.id) await requireAdministrator(ctx);
  const events = await listLate(ctx, { ...filter, subjectId: user.id }, page);
  const seesAll = viewer === null || actsAsAdmin(ctx.config, viewer);
  return seesAll ? events : events.map((event) => asSeenBy(viewer.user.id, event));
}

/** The whole audit log, for administrators. */
export async function listAuditEvents(ctx: Ctx, filter: WholeAuditFilter, page: AuditPage): Promise<AuditEvent[]> {
  await requireAdministrator(ctx);
  return listLate(ctx, filter, page);
}

/** The account in an event: for its owner and for administrators. Null for others, and once the account is deleted. */
export async function findPersonNamed(ctx: Ctx, userId: string | null): Promise<User | null> {
  const viewer = await ctx.viewer();
  if (userId === null || viewer === null) return null;
  if (viewer.user.id === userId) return viewer.user;
  if (!actsAsAdmin(ctx.config, viewer)) return null;
  return readLate(ctx, ({ db }) => db.user.findUnique({ where: { id: userId } }));
}

/** The order of every index of the audit log, so that reading a page follows one of them. */
const NEWEST_FIRST = [{ occurredAt: 'desc' }, { id: 'desc' }] as const;

async function listLate(ctx: Ctx, filter: WholeAuditFilter, page: AuditPage): Promise<AuditEvent[]> {
  return (await readLate(ctx, (late) => list(late, filter, page))) ?? [];
}

/** Null if the event that the page begins after is not there. */
async function list(ctx: Pick<Ctx, 'db'>, filter: WholeAuditFilter, page: AuditPage): Promise<AuditEvent[] | null> {
  const { name, since, until, ...ids } = filter;
  const given = Object.entries(ids).filter(([, id]) => id != null);
  // Anything but a UUID matches nobody.
  if (given.some(([, id]) => !isUuid(id))) return [];
  const within = { ...(since == null ? {} : { gte: since }), ...(until == null ? {} : { lt: until }) };
  const named = name === OTHER_EVENT ? { name: { notIn: Object.keys(AUDIT_EVENTS) } } : name == null ? {} : { name };
  const where = { ...Object.fromEntries(given), ...named, occurredAt: within };
  const start = await startOfPage(page, 'desc', async (id) => {
    return (await ctx.db.auditEvent.findUnique({ where: { ...where, id }, select: { occurredAt: true } }))?.occurredAt;
  });
  if (start === null) return null;
  return ctx.db.auditEvent.findMany({
    take: page.take,
    where: { ...where, AND: [{ occurredAt: start }, beyond(page, start)] },
    orderBy: [...NEWEST_FIRST],
  });
}

/** Prisma's own comparison with the cursor would look for it in every month, several times. */
function beyond({ cursor }: AuditPage, { lte, gte }: { lte?: Date; gte?: Date }): Prisma.AuditEventWhereInput {
  const id = cursor !== undefined && 'id' in cursor ? String(cursor.id) : '';
  if (lte !== undefined) return { OR: [{ occurredAt: { lt: lte } }, { id: { lt: id } }] };
  if (gte !== undefined) return { OR: [{ occurredAt: { gt: gte } }, { id: { gt: id } }] };
  return {};
}

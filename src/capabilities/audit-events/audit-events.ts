/**
 * Read the record of what happened: everybody what concerns their own account, administrators everything. From where
 * somebody else did something to an account is told to administrators alone.
 *
 * Newest first, by name and by time. The record has no secret in it, and nobody can change it: the database refuses.
 * Fails with: UnauthenticatedError, ForbiddenError.
 */
import { validate as isUuid } from 'uuid';
import { ADMIN_ROLE } from '#config/config.ts';
import { requireAdministrator } from '#core/accounts/administrator.ts';
import { type AuditEventName, asSeenBy } from '#core/audit.ts';
import type { Ctx } from '#core/context.ts';
import { startOfPage } from '#core/input/list-page.ts';
import { requireViewer } from '#core/sessions/viewer.ts';
import type { AuditEvent, Prisma, User } from '#generated/prisma/client.ts';

/** Which events; what is absent or null does not filter. */
export type AuditFilter = {
  name?: AuditEventName | null | undefined;
  /** From then on. */
  since?: Date | null | undefined;
  /** Before then. */
  until?: Date | null | undefined;
};

/** As `AuditFilter`, by whom and what they concern too. */
export type WholeAuditFilter = AuditFilter & {
  subjectId?: string | null | undefined;
  actorId?: string | null | undefined;
  organizationId?: string | null | undefined;
};

/** Where in the order a page begins and how long it is, as Prisma says it. */
export type AuditPage = Pick<Prisma.AuditEventFindManyArgs, 'cursor' | 'skip' | 'take'>;

/** What concerns an account: for its owner and for administrators. */
export async function listAuditEventsOf(
  ctx: Ctx,
  user: Pick<User, 'id'>,
  filter: AuditFilter,
  page: AuditPage,
): Promise<AuditEvent[]> {
  const viewer = ctx.origin === 'operator' ? null : (await requireViewer(ctx)).user;
  if (viewer?.id !== user.id) await requireAdministrator(ctx);
  const events = await list(ctx, { ...filter, subjectId: user.id }, page);
  const seesAll = viewer === null || viewer.role === ADMIN_ROLE;
  return seesAll ? events : events.map((event) => asSeenBy(viewer.id, event));
}

/** The whole record, for administrators. */
export async function listAuditEvents(ctx: Ctx, filter: WholeAuditFilter, page: AuditPage): Promise<AuditEvent[]> {
  await requireAdministrator(ctx);
  return list(ctx, filter, page);
}

/** Who an event names: for the person themselves and for administrators; null for others, and once the account is gone. */
export async function findPersonNamed(ctx: Ctx, userId: string | null): Promise<User | null> {
  const viewer = await ctx.viewer();
  if (userId === null || viewer === null) return null;
  if (viewer.user.id === userId) return viewer.user;
  if (viewer.user.role !== ADMIN_ROLE) return null;
  return ctx.db.user.findUnique({ where: { id: userId } });
}

/** The order of every index of the record: a page is a walk along one of them. */
const NEWEST_FIRST = [{ occurredAt: 'desc' }, { id: 'desc' }] as const;

async function list(ctx: Ctx, filter: WholeAuditFilter, page: AuditPage): Promise<AuditEvent[]> {
  const { name, since, until, ...ids } = filter;
  const given = Object.entries(ids).filter(([, id]) => id != null);
  // What is no id names nobody.
  if (given.some(([, id]) => !isUuid(id))) return [];
  const within = { ...(since == null ? {} : { gte: since }), ...(until == null ? {} : { lt: until }) };
  const where = { ...Object.fromEntries(given), ...(name == null ? {} : { name }), occurredAt: within };
  const start = await startOfPage(page, 'desc', async (id) => {
    return (await ctx.db.auditEvent.findUnique({ where: { ...where, id }, select: { occurredAt: true } }))?.occurredAt;
  });
  if (start === null) return [];
  return ctx.db.auditEvent.findMany({
    ...page,
    where: { ...where, AND: { occurredAt: start } },
    orderBy: [...NEWEST_FIRST],
  });
}

/**
 * Who may administer the service: somebody signed in whose row says `admin` now, or an operator at the machine. Every
 * change they make to an account goes through `administer`, so that there is always somebody left who may.
 */
import { validate as isUuid } from 'uuid';
import { ADMIN_ROLE } from '#config/config.ts';
import type { AuditDetails } from '#core/audit.ts';
import type { Ctx } from '#core/context.ts';
import { requireRecentSignIn } from '#core/sessions/recent-sign-in.ts';
import { requireViewer } from '#core/sessions/viewer.ts';
import { ForbiddenError, LastAdminError, UserNotFoundError } from '#errors.ts';
import type { User } from '#generated/prisma/client.ts';
import { lockUser } from './lock-user.ts';

/** Somebody who may: a person with the session they act in, or nobody in particular for an operator. */
export type Administrator = Required<Pick<AuditDetails, 'actorId' | 'sessionId'>>;

/** Fails with UnauthenticatedError for nobody, with ForbiddenError for anybody else who may not. */
export async function requireAdministrator(ctx: Ctx): Promise<Administrator> {
  if (ctx.origin === 'operator') return { actorId: null, sessionId: null };
  const { user, session } = await requireViewer(ctx);
  if (user.role !== ADMIN_ROLE) throw new ForbiddenError();
  return { actorId: user.id, sessionId: session.id };
}

/** As `requireAdministrator`, for what changes an account. Fails with ReauthenticationRequiredError as well. */
export async function requireRecentAdministrator(ctx: Ctx): Promise<Administrator> {
  const administrator = await requireAdministrator(ctx);
  if (ctx.origin !== 'operator') await requireRecentSignIn(ctx);
  return administrator;
}

/**
 * Changes an account in one transaction, with its row locked. Administrators take turns: of two who demote each other
 * at once, the second is none any more and is refused.
 * Fails with UnauthenticatedError, ForbiddenError, UserNotFoundError.
 */
export async function administer<T>(
  tx: Ctx,
  administrator: Administrator,
  userId: string,
  work: (user: User) => Promise<T>,
): Promise<T> {
  await lockAdministration(tx);
  if (
    administrator.actorId !== null &&
    (await tx.db.user.count({ where: { id: administrator.actorId, ...ACTIVE } })) === 0
  ) {
    throw new ForbiddenError();
  }
  if (!isUuid(userId)) throw new UserNotFoundError();
  const user = await lockUser(tx, userId);
  if (user === null) throw new UserNotFoundError();
  return work(user);
}

/**
 * Fails with LastAdminError when nobody but this user could administer. For everything that takes an account out of
 * use: call it first in the transaction, before any row is locked; until its end nobody else can.
 */
export async function requireOtherAdmin(tx: Ctx, user: Pick<User, 'id'>): Promise<void> {
  await lockAdministration(tx);
  const isAdmin = await tx.db.user.count({ where: { id: user.id, ...ACTIVE } });
  if (isAdmin === 1 && (await tx.db.user.count({ where: { id: { not: user.id }, ...ACTIVE } })) === 0) {
    throw new LastAdminError();
  }
}

/** Who can sign in and administer. */
const ACTIVE = { role: ADMIN_ROLE, disabledAt: null, deletesAt: null, emailVerifiedAt: { not: null } };

/** Held until the end of the transaction; taking it again in the same one is free. */
async function lockAdministration(tx: Ctx): Promise<void> {
  await tx.db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('who may administer', 0))`;
}

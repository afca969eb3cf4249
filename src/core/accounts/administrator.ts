/**
 * Who may administer the service: a signed-in user who currently has the role `admin`, or an operator on the machine.
 * Every change to an account goes through `administer`, so that there is always at least one administrator.
 */
import { validate as isUuid } from 'uuid';
import { ADMIN_ROLE } from '#config/accounts/role-settings.ts';
import type { AuditDetails } from '#core/audit.ts';
import type { Ctx } from '#core/context.ts';
import { lockUser } from '#core/lock-user.ts';
import { requireStrongSignIn } from '#core/sessions/recent-sign-in.ts';
import { requireAdminRole } from '#core/sessions/second-factor-policy.ts';
import { requireViewer } from '#core/sessions/viewer.ts';
import { USABLE_ACCOUNT } from '#core/usable.ts';
import { LastAdminError, UserNotFoundError } from '#errors/domain-errors.ts';
import { ForbiddenError } from '#errors/refused-errors.ts';
import type { User } from '#generated/prisma/client.ts';

/** An administrator with their session; both are null for an operator. */
export type Administrator = Required<Pick<AuditDetails, 'actorId' | 'sessionId'>>;

/** Fails with UnauthenticatedError if nobody is signed in, and with ForbiddenError if the viewer is not an admin. */
export async function requireAdministrator(ctx: Ctx): Promise<Administrator> {
  if (ctx.origin === 'operator') return { actorId: null, sessionId: null };
  const { user, session } = await requireViewer(ctx);
  requireAdminRole(ctx.config, { user, session });
  return { actorId: user.id, sessionId: session.id };
}

/** Like `requireAdministrator`, for changes to an account. Also fails with ReauthenticationRequiredError. */
export async function requireRecentAdministrator(ctx: Ctx): Promise<Administrator> {
  const administrator = await requireAdministrator(ctx);
  if (ctx.origin !== 'operator') await requireStrongSignIn(ctx);
  return administrator;
}

/**
 * Changes an account in one transaction, with its row locked. Changes by administrators run one after the other: of two
 * who demote each other at once, the second is no longer an administrator and is refused.
 * Fails with ForbiddenError and UserNotFoundError.
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
 * Fails with LastAdminError if this user is the only administrator. For every change that takes an account out of use:
 * call it first in the transaction, before any row is locked; it blocks the same change elsewhere until the commit.
 */
export async function requireOtherAdmin(tx: Ctx, user: Pick<User, 'id'>): Promise<void> {
  await lockAdministration(tx);
  const isAdmin = await tx.db.user.count({ where: { id: user.id, ...ACTIVE } });
  if (isAdmin === 1 && (await tx.db.user.count({ where: { id: { not: user.id }, ...ACTIVE } })) === 0) {
    throw new LastAdminError();
  }
}

/**
 * Whether an administrator has a password, and so a way in that needs no email. In a transaction, call it first: the
 * answer then holds until the commit.
 */
export async function hasAdministratorWithPassword(ctx: Ctx, { holds }: { holds: boolean }): Promise<boolean> {
  if (holds) await lockAdministration(ctx);
  const where = { role: ADMIN_ROLE, ...USABLE_ACCOUNT, passwordHash: { not: null } };
  return (await ctx.db.user.count({ where })) > 0;
}

/** Accounts that can sign in and administer. */
const ACTIVE = { role: ADMIN_ROLE, ...USABLE_ACCOUNT, emailVerifiedAt: { not: null } };

/** Holds the lock until the end of the transaction; taking it again in the same transaction is free. */
async function lockAdministration(tx: Ctx): Promise<void> {
  await tx.db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('who may administer', 0))`;
}

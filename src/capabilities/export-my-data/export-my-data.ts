/**
 * Export everything that is stored about the viewer, as one document to keep (GDPR articles 15 and 20).
 *
 * It contains no password hash, no token, and nothing from which a token or code could be made. Events caused by
 * someone else are without their IP address. It requires a recent sign-in, because it reveals a lot about the person.
 * Fails with: ReauthenticationRequiredError, TooManyAttemptsError; UnauthenticatedError.
 */
import { asSeenBy, auditBy } from '#core/audit.ts';
import type { Ctx } from '#core/context.ts';
import { readLate } from '#core/late-reads.ts';
import { reserve } from '#core/limits/throttle.ts';
import { requireStrongSignIn } from '#core/sessions/recent-sign-in.ts';
import type { User } from '#generated/prisma/client.ts';

export type ExportMyDataSuccess = { data: PersonalData; exportedAt: Date };
export type PersonalData = Awaited<ReturnType<typeof collect>>;

/** The longest lists (sessions, events) contain only the newest entries, so that the document fits into a response. */
const NEWEST = 10_000;

export async function exportMyData(ctx: Ctx): Promise<ExportMyDataSuccess> {
  const { user, session } = await requireStrongSignIn(ctx);
  // An export reads a lot of rows.
  await reserve(ctx, [{ name: 'export-my-data', of: user.id, subjectId: user.id }]);
  const data = await readLate(ctx, (late) => collect(late, user));
  await auditBy(ctx, { user, session }, 'export_my_data.completed');
  return { data, exportedAt: ctx.clock() };
}

async function collect(ctx: Pick<Ctx, 'db'>, user: User) {
  const { passwordHash, ...account } = user;
  const [formerIdentifiers, sessions, memberships, invitationsSent, invitationsReceived, proofs, events] =
    await Promise.all([
      ctx.db.formerIdentifier.findMany({
        where: { userId: user.id },
        omit: { userId: true },
        orderBy: { value: 'asc' },
      }),
      sessionsOf(ctx, user.id),
      membershipsOf(ctx, user.id),
      ctx.db.invitation.findMany({ where: { invitedById: user.id }, select: INVITATION, orderBy: { id: 'asc' } }),
      ctx.db.invitation.findMany({ where: { email: user.email }, select: INVITATION, orderBy: { id: 'asc' } }),
      challengesOf(ctx, user.id),
      eventsOf(ctx, user.id),
    ]);
  return {
    account: { ...account, hasPassword: passwordHash !== null },
    secondFactors: await secondFactorsOf(ctx, user.id),
    formerIdentifiers,
    sessions,
    memberships,
    invitationsSent,
    invitationsReceived,
    proofs,
    events,
  };
}

/** Neither secrets nor codes, nor anything that they are derived from. */
async function secondFactorsOf(ctx: Pick<Ctx, 'db'>, userId: string) {
  const [authenticatorApps, recoveryCodes, trustedDevices, legacyPasswords] = await Promise.all([
    ctx.db.totpFactor.findMany({
      where: { userId },
      select: { name: true, createdAt: true, lastUsedAt: true, removedAt: true },
    }),
    ctx.db.recoveryCode.findMany({ where: { userId }, select: { createdAt: true, usedAt: true } }),
    ctx.db.device.findMany({
      where: { userId },
      select: { userAgent: true, createdAt: true, lastSeenAt: true, trustedUntil: true, revokedAt: true },
    }),
    ctx.db.legacyPassword.findMany({ where: { userId }, select: { name: true, createdAt: true, lastUsedAt: true } }),
  ]);
  return { authenticatorApps, recoveryCodes, trustedDevices, legacyPasswords };
}

const INVITATION = {
  id: true,
  email: true,
  role: true,
  locale: true,
  createdAt: true,
  expiresAt: true,
  acceptedAt: true,
  declinedAt: true,
  revokedAt: true,
  organization: { select: { id: true, name: true } },
} as const;

function sessionsOf(ctx: Pick<Ctx, 'db'>, userId: string) {
  return ctx.db.session.findMany({
    where: { userId },
    // The generations of the refresh token are left out, because the token is derived from them.
    omit: { userId: true, generation: true, usedGeneration: true, reissuedGeneration: true },
    orderBy: { createdAt: 'desc' },
    take: NEWEST,
  });
}

function membershipsOf(ctx: Pick<Ctx, 'db'>, userId: string) {
  return ctx.db.membership.findMany({
    where: { userId },
    select: {
      role: true,
      createdAt: true,
      organization: { select: { id: true, name: true, slug: true } },
      bindings: {
        select: { role: { select: { name: true, permissions: true } }, project: { select: { id: true, name: true } } },
      },
    },
    orderBy: { createdAt: 'asc' },
  });
}

/** When and where a code or link was sent, and its outcome. Not the id, from which the code and link are derived. */
function challengesOf(ctx: Pick<Ctx, 'db'>, userId: string) {
  const select = { purpose: true, address: true, createdAt: true, expiresAt: true, consumedAt: true, attempts: true };
  return ctx.db.challenge.findMany({ where: { userId }, select, orderBy: { createdAt: 'desc' }, take: NEWEST });
}

async function eventsOf(ctx: Pick<Ctx, 'db'>, userId: string) {
  const rows = await ctx.db.auditEvent.findMany({
    where: { OR: [{ subjectId: userId }, { actorId: userId }] },
    orderBy: { occurredAt: 'desc' },
    take: NEWEST,
  });
  return rows.map((event) => {
    const { requestId, ...seen } = asSeenBy(userId, event);
    return { ...seen, actorId: event.actorId === userId ? userId : null };
  });
}

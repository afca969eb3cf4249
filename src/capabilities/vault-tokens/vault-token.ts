/**
 * Vault tokens: what the Vault API gives beside the token of a person, for the services that work on what belongs to
 * their team. A JWT signed by the key ring, with an audience and a type of its own (RFC 8725 section 3.11), so that it
 * is never taken for an access token, here or elsewhere.
 */
import { randomUUID } from 'node:crypto';
import type { Ctx } from '#core/context.ts';
import type { SessionWithUser } from '#core/sessions/session-columns.ts';
import { numericDate } from '#core/time.ts';
import { signJwt } from '#core/tokens/sign-jwt.ts';

/** The team somebody works in, its default project, and what they are there. */
type Team = { organizationId: string; projectId: string | null; role: string };

const TYPE = 'vault+jwt';
const AUDIENCE = 'vault';

/**
 * The vault token of a session, good for as long as the access token beside it. Claims: `org_id`, `project_id` and
 * `role` for the team; none of them before there is one. That of a provisional session has no `sub` either, for nobody
 * has proven to be anybody.
 */
export async function vaultTokenOf(ctx: Ctx, { user, session }: SessionWithUser, expiresAt: Date): Promise<string> {
  const team = session.isProvisional ? null : await findTeam(ctx, user);
  const { kid, algorithm, key } = ctx.keyRing.signer();
  const claims = {
    iss: ctx.config.publicUrl,
    aud: AUDIENCE,
    ...(!session.isProvisional && { sub: user.id }),
    sid: session.id,
    iat: numericDate(ctx.clock()),
    exp: numericDate(expiresAt),
    jti: randomUUID(),
    ...(team !== null && { org_id: team.organizationId, role: team.role }),
    ...(team?.projectId && { project_id: team.projectId }),
  };
  return signJwt({ alg: algorithm, kid, typ: TYPE }, claims, key);
}

/** The organization of the account while its owner is a member, else the one they have been in for longest. */
async function findTeam(ctx: Ctx, { id: userId, tenantId }: SessionWithUser['user']): Promise<Team | null> {
  const membership =
    (tenantId === null ? null : await findMembership(ctx, { userId, organizationId: tenantId })) ??
    (await findMembership(ctx, { userId }));
  if (membership === null) return null;
  const { organizationId, role, organization } = membership;
  return { organizationId, role, projectId: organization.projects[0]?.id ?? null };
}

function findMembership(ctx: Ctx, where: { userId: string; organizationId?: string }) {
  const isDefault = { where: { isDefault: true, archivedAt: null }, select: { id: true }, take: 1 };
  return ctx.db.membership.findFirst({
    where: { ...where, organization: { suspendedAt: null, deletesAt: null } },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    select: { organizationId: true, role: true, organization: { select: { projects: isDefault } } },
  });
}

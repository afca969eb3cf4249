/**
 * Vault tokens: the Vault API returns one next to the token of the person, for services that work with the data of
 * their organization. A JWT signed by the key ring, with its own audience and type (RFC 8725 section 3.11), so that it
 * is never mistaken for an access token, here or elsewhere.
 */
import { randomUUID } from 'node:crypto';
import { validate as isUuid } from 'uuid';
import type { Ctx } from '#core/context.ts';
import { mayActIn } from '#core/sessions/second-factor-policy.ts';
import type { SessionWithUser } from '#core/sessions/session-columns.ts';
import { numericDate } from '#core/time.ts';
import { readJwt } from '#core/tokens/read-jwt.ts';
import { signJwt } from '#core/tokens/sign-jwt.ts';
import { USABLE_ORGANIZATION } from '#core/usable.ts';

/** The organization someone works in, its default project, and their role there. */
type Team = { organizationId: string; projectId: string | null; role: string };

const TYPE = 'vault+jwt';
export const VAULT_AUDIENCE = 'vault';

/**
 * The vault token of a session, valid as long as the access token next to it. Claims: `org_id`, `project_id`, and
 * `role`, once the person has an organization and has shown the second factor that it asks for. The token of a
 * provisional session has no `sub` either, because the address is not verified yet.
 */
export async function vaultTokenOf(ctx: Ctx, { user, session }: SessionWithUser, expiresAt: Date): Promise<string> {
  const team = session.isProvisional ? null : await findTeam(ctx, { user, session });
  const { kid, algorithm, key } = ctx.keyRing.signer();
  const claims = {
    iss: ctx.config.publicUrl,
    aud: VAULT_AUDIENCE,
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

export type VaultTokenClaims = {
  /** Null for the token of a provisional session. */
  sub: string | null;
  sid: string;
  organizationId: string | null;
  iat: number;
  exp: number;
};

/** The claims of a vault token; null if it was not issued here or, without `evenExpired`, has expired. */
export async function readVaultToken(
  ctx: Ctx,
  token: string,
  options: { evenExpired?: boolean } = {},
): Promise<VaultTokenClaims | null> {
  const claims = await readJwt(token, (kid) => ctx.keyRing.verifier(kid), {
    ...options,
    type: TYPE,
    issuer: ctx.config.publicUrl,
    audience: VAULT_AUDIENCE,
    requiredClaims: ['sid', 'exp', 'iat', 'jti'],
    now: ctx.clock(),
  });
  if (typeof claims === 'string') return null;
  const { sub, sid, org_id: organizationId, iat, exp } = claims;
  if (typeof sid !== 'string' || !isUuid(sid) || iat === undefined || exp === undefined) return null;
  return {
    sub: sub ?? null,
    sid,
    organizationId: typeof organizationId === 'string' ? organizationId : null,
    iat,
    exp,
  };
}

/**
 * The first organization of the account while its owner is a member, or else the one they joined first. Null if it asks
 * for a second factor that was not shown: services that verify the token by its signature would let the person act.
 */
async function findTeam(ctx: Ctx, viewer: SessionWithUser): Promise<Team | null> {
  const { id: userId, tenantId } = viewer.user;
  const membership =
    (tenantId === null ? null : await findMembership(ctx, { userId, organizationId: tenantId })) ??
    (await findMembership(ctx, { userId }));
  if (membership === null || !mayActIn(ctx.config, viewer, membership.organization)) return null;
  const { organizationId, role, organization } = membership;
  return { organizationId, role, projectId: organization.projects[0]?.id ?? null };
}

function findMembership(ctx: Ctx, where: { userId: string; organizationId?: string }) {
  const isDefault = { where: { isDefault: true, archivedAt: null }, select: { id: true }, take: 1 };
  return ctx.db.membership.findFirst({
    where: { ...where, organization: USABLE_ORGANIZATION },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    select: {
      organizationId: true,
      role: true,
      organization: { select: { requiresSecondFactor: true, projects: isDefault } },
    },
  });
}

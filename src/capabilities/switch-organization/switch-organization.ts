/**
 * Get an access token with the claims `org_id` and `org_role`, for use with other services. The session stays
 * unchanged. The new token expires no later than the one used to request it, so that exchanging a stolen token does not
 * extend it. Latchkey itself relies on the header and the current membership, never on these claims; other services
 * rely on them until the token expires. `refresh` with the organization header gives the same claims.
 * Fails with: UnauthenticatedError, ForbiddenError, InvalidOrganizationHeaderError.
 */
import type { Ctx } from '#core/context.ts';
import { auditIn, requireOrganizationOf } from '#core/organizations/organization-access.ts';
import type { ActingOrganization } from '#core/organizations/permissions.ts';
import { requireClaims, requireViewer } from '#core/sessions/viewer.ts';
import { numericDate } from '#core/time.ts';

export type OrganizationToken = { accessToken: string; expiresIn: number; expiresAt: Date; acting: ActingOrganization };

export async function switchOrganization(
  ctx: Ctx,
  { organizationId }: { organizationId: string },
): Promise<OrganizationToken> {
  const { user, session } = await requireViewer(ctx);
  const { exp, generation } = await requireClaims(ctx);
  const acting = await requireOrganizationOf(ctx, organizationId, 'organization:read');
  const secondsLeft = exp - numericDate(ctx.clock());
  const expiresIn = Math.min(ctx.config.accessTokenTtlSeconds, secondsLeft);
  const options = { acting, accessTokenTtlSeconds: expiresIn };
  // Of the same generation: this token says nothing about whether a newer refresh token has arrived.
  const { token, expiresAt } = ctx.accessTokens.issue(user, { ...session, generation }, options);
  await auditIn(ctx, acting, 'switch_organization.completed');
  return { accessToken: token, expiresIn, expiresAt, acting };
}

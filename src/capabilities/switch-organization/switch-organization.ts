/**
 * Get an access token for an organisation, for other services: with the claims `org_id` and `org_role`. The session goes
 * on as it is. Latchkey itself believes the header and the live membership, never these claims; elsewhere they hold until
 * the token expires. `refresh` with the organisation header gives the same claims.
 * Fails with: UnauthenticatedError, ForbiddenError, BadRequestError.
 */
import { type ActingOrganization, auditIn, requireOrganizationOf } from '#core/acting-organization.ts';
import type { Ctx } from '#core/context.ts';
import { requireViewer } from '#core/viewer.ts';

export type OrganizationToken = { accessToken: string; expiresIn: number; expiresAt: Date; acting: ActingOrganization };

export async function switchOrganization(
  ctx: Ctx,
  { organizationId }: { organizationId: string },
): Promise<OrganizationToken> {
  const { user, session } = await requireViewer(ctx);
  const acting = await requireOrganizationOf(ctx, organizationId, 'organization:read');
  const organization = { id: acting.organization.id, role: acting.role };
  const { token, expiresAt } = ctx.accessTokens.issue(user, session.id, { organization });
  await auditIn(ctx, acting, 'switch_organization.completed');
  return { accessToken: token, expiresIn: ctx.config.accessTokenTtlSeconds, expiresAt, acting };
}

/**
 * Get an access token for one service of SERVICES. An ordinary access token opens Latchkey and every service that knows
 * its audience, so a service that is shown one could use it elsewhere; this one opens nothing but that service, and not
 * Latchkey either. It lives for five minutes, and no longer than the token used to request it, so that exchanging a
 * stolen token does not extend it. It cannot be refreshed, exchanged, or used to sign out. With the organization header
 * it is for that organization. The audit log names the service in place of the user agent.
 * Fails with: ValidationError, UnauthenticatedError, ForbiddenError, InvalidOrganizationHeaderError.
 */
import { audit } from '#core/audit.ts';
import type { Ctx } from '#core/context.ts';
import { requireClaims, requireViewer } from '#core/sessions/viewer.ts';
import { numericDate } from '#core/time.ts';
import { ValidationError } from '#errors/domain-errors.ts';

export type ServiceToken = { accessToken: string; expiresIn: number; expiresAt: Date; audience: string };

const TTL_SECONDS = 300;

export async function issueServiceToken(ctx: Ctx, input: { service: string }): Promise<ServiceToken> {
  const { user, session } = await requireViewer(ctx);
  const { audience, name } = requireService(ctx, input.service);
  const { exp } = await requireClaims(ctx);
  const acting = ctx.organizationHeader === null ? null : await ctx.organization();
  const secondsLeft = exp - numericDate(ctx.clock());
  const expiresIn = Math.min(TTL_SECONDS, ctx.config.accessTokenTtlSeconds, secondsLeft);
  const options = { audience, acting, accessTokenTtlSeconds: expiresIn };
  // Without a generation: the service never says which refresh tokens have arrived.
  const { token, expiresAt } = ctx.accessTokens.issue(user, { ...session, generation: null }, options);
  const details = { actorId: user.id, sessionId: session.id, organizationId: acting?.organization.id ?? null };
  const caller = { ...ctx.caller, userAgent: `service ${name}` };
  await audit({ ...ctx, caller }, 'issue_service_token.completed', user.id, details);
  return { accessToken: token, expiresIn, expiresAt, audience };
}

function requireService({ config }: Ctx, name: string) {
  const service = config.services.find((each) => each.name === name);
  if (service !== undefined) return service;
  throw new ValidationError([
    { path: ['service'], code: 'NOT_ALLOWED', message: 'There is no service with this name.' },
  ]);
}

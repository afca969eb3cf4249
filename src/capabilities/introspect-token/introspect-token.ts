/**
 * For another service: is this token good right now, and for whom (RFC 7662)? Where a signature only says that a token
 * was good when it was issued, this looks at the session, so a sign-out, a disabled account and a changed role are seen;
 * and for an organization's token at the membership, so are a removal and the end of the organization.
 *
 * Whatever is not good for acting as somebody now (not ours, expired, session ended, account disabled or not proven,
 * a spent refresh token) is one answer, `active: false`, that says nothing more. Nothing personal is told, and asking
 * changes nothing: a spent refresh token that is only asked about ends no session.
 * Fails with: InvalidClientError, TooManyAttemptsError.
 */
import { type ClientCredentials, requireServiceClient } from '#core/accounts/service-client.ts';
import type { Ctx } from '#core/context.ts';
import { findActing } from '#core/organizations/acting-organization.ts';
import { findSession, isLiveSession, readRefreshToken } from '#core/sessions/session.ts';
import type { SessionWithUser } from '#core/sessions/session-columns.ts';
import { fromNumericDate } from '#core/time.ts';
import { UnauthenticatedError } from '#errors.ts';

export type IntrospectTokenInput = { client: ClientCredentials; token: string };

export type Introspection =
  | { active: false }
  | {
      active: true;
      tokenType: 'Bearer' | 'refresh_token';
      subject: string;
      sessionId: string;
      /** The platform role as it is now, whatever the token says. */
      role: string;
      /** The organization the token is for, and what its holder is there now. */
      organization?: { id: string; role: string };
      issuedAt: Date;
      expiresAt: Date;
    };

export async function introspectToken(ctx: Ctx, input: IntrospectTokenInput): Promise<Introspection> {
  await requireServiceClient(ctx, input.client);
  return (await accessToken(ctx, input.token)) ?? (await refreshToken(ctx, input.token)) ?? { active: false };
}

async function accessToken(ctx: Ctx, token: string): Promise<Introspection | null> {
  const claims = await ctx.accessTokens.read(token).catch((error) => {
    if (error instanceof UnauthenticatedError) return null;
    throw error;
  });
  const found = claims && (await liveSession(ctx, claims.sid));
  if (claims === null || found === null || found.user.id !== claims.sub) return null;
  const { organizationId } = claims;
  const acting = organizationId === null ? null : await findActing(ctx, found.user.id, organizationId);
  // Issued for an organization that is gone, or that its holder was removed from.
  if (organizationId !== null && acting === null) return null;
  return {
    ...active(found),
    ...(acting !== null && { organization: { id: acting.organization.id, role: acting.role } }),
    tokenType: 'Bearer',
    issuedAt: fromNumericDate(claims.iat),
    expiresAt: fromNumericDate(claims.exp),
  };
}

async function refreshToken(ctx: Ctx, token: string): Promise<Introspection | null> {
  const presented = await readRefreshToken(ctx, token);
  const found = presented && (await liveSession(ctx, presented.sessionId));
  if (presented === null || found === null || presented.generation !== found.session.generation) return null;
  const { createdAt, rotatedAt, expiresAt } = found.session;
  return { ...active(found), tokenType: 'refresh_token', issuedAt: rotatedAt ?? createdAt, expiresAt };
}

/** A session that may act as its user: a provisional one may not yet. */
async function liveSession(ctx: Ctx, sessionId: string): Promise<SessionWithUser | null> {
  const found = await findSession(ctx, sessionId);
  return found !== null && !found.session.isProvisional && isLiveSession(found, ctx.clock()) ? found : null;
}

function active({ session, user }: SessionWithUser) {
  return { active: true as const, subject: user.id, sessionId: session.id, role: user.role };
}

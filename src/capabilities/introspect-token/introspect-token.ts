/**
 * For another service: is this token valid right now, and for whom (RFC 7662)? A signature only shows that a token was
 * valid when it was issued. This also checks the session, so it notices a sign-out, a disabled account, and a changed
 * role; for a token of an organization it checks the membership too, so it notices a removal or a deleted organization.
 *
 * A token that nobody can act with right now (not issued here, expired, session ended, account disabled or unverified,
 * spent refresh token) gets the same answer, `active: false`, without any details. So do the tokens that the Vault API
 * gives for a registration: many services let in whatever is active, and anyone can register any address. The answer
 * contains no personal data. A token for one service is active for the client of the same name only. Introspecting a
 * spent refresh token does not end its session; introspecting an access token is a use of it.
 * Fails with: InvalidClientError, TooManyAttemptsError.
 */

import { type ClientCredentials, requireServiceClient } from '#core/accounts/service-client.ts';
import type { Ctx } from '#core/context.ts';
import { findActing } from '#core/organizations/acting-organization.ts';
import { readRefreshToken } from '#core/sessions/refresh-token.ts';
import { findSession, isLiveSession } from '#core/sessions/session.ts';
import type { SessionWithUser } from '#core/sessions/session-columns.ts';
import { noteUse } from '#core/sessions/spent-token.ts';
import { readVaultToken, VAULT_AUDIENCE } from '#core/sessions/vault-token.ts';
import { fromNumericDate } from '#core/time.ts';
import { CLIENT_ID } from '#core/tokens/access-token.ts';
import { ForbiddenError } from '#errors/refused-errors.ts';

export type IntrospectTokenInput = { client: ClientCredentials; token: string };

export type Introspection =
  | { active: false }
  | {
      active: true;
      tokenType: 'Bearer' | 'refresh_token';
      /** The claim `aud`; of a refresh token, this service. */
      audience: string | readonly string[];
      /** The claim `client_id` of an access token. */
      clientId?: string;
      subject: string;
      sessionId: string;
      /** The current platform role, whatever the token says. */
      role: string;
      /** The organization of the token, and the current role of its holder there. */
      organization?: { id: string; role: string };
      issuedAt: Date;
      expiresAt: Date;
    };

export async function introspectToken(ctx: Ctx, input: IntrospectTokenInput): Promise<Introspection> {
  const client = await requireServiceClient(ctx, input.client);
  return (await bearerToken(ctx, input.token, client)) ?? (await refreshToken(ctx, input.token)) ?? { active: false };
}

async function bearerToken(ctx: Ctx, token: string, client: string): Promise<Introspection | null> {
  // Who asks for a token that another service was meant to get must not let its holder in.
  const service = ctx.config.services.find(({ name }) => name === client);
  const access = await ctx.accessTokens.readPresented(token, service);
  const claims = access ?? (await readVaultToken(ctx, token));
  const found = claims && (await liveSession(ctx, claims.sid));
  if (claims === null || found === null || found.user.id !== claims.sub) return null;
  // A token for one service names no generation: it does not show that the newest tokens have arrived.
  if (access?.isOwn) await noteUse(ctx, found, access);
  const { organizationId } = claims;
  const acting = organizationId === null ? null : await findActing(ctx, found, organizationId).catch(nullIfForbidden);
  // The organization no longer exists, the holder was removed from it, or it asks for a second factor.
  if (organizationId !== null && acting === null) return null;
  return {
    ...active(found),
    ...(acting !== null && { organization: { id: acting.organization.id, role: acting.role } }),
    tokenType: 'Bearer',
    ...(access === null ? { audience: VAULT_AUDIENCE } : { audience: access.audience, clientId: CLIENT_ID }),
    issuedAt: fromNumericDate(claims.iat),
    expiresAt: fromNumericDate(claims.exp),
  };
}

function nullIfForbidden(error: unknown): null {
  if (error instanceof ForbiddenError) return null;
  throw error;
}

async function refreshToken(ctx: Ctx, token: string): Promise<Introspection | null> {
  const presented = readRefreshToken(ctx, token);
  const found = presented && (await liveSession(ctx, presented.sessionId));
  if (presented === null || found === null || presented.generation !== found.session.generation) return null;
  const { createdAt, rotatedAt, expiresAt } = found.session;
  return {
    ...active(found),
    tokenType: 'refresh_token',
    audience: ctx.config.publicUrl,
    issuedAt: rotatedAt ?? createdAt,
    expiresAt,
  };
}

/** Whether the session may act as its user; a provisional one may not yet. */
async function liveSession(ctx: Ctx, sessionId: string): Promise<SessionWithUser | null> {
  const found = await findSession(ctx, sessionId);
  return found !== null && !found.session.isProvisional && isLiveSession(ctx, found) ? found : null;
}

function active({ session, user }: SessionWithUser) {
  return { active: true as const, subject: user.id, sessionId: session.id, role: user.role };
}

/**
 * For another service: end the session of a refresh or access token, even an expired one (RFC 7009). Every token of the
 * session ends with it. A token that was not issued here or has ended already is not an error, because it is not valid
 * anyway. The audit log names the service in place of the user agent.
 * Fails with: InvalidClientError, TooManyAttemptsError.
 */
import { type ClientCredentials, requireServiceClient } from '#core/accounts/service-client.ts';
import { audit } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { endSession, findSession, readRefreshToken } from '#core/sessions/session.ts';
import { endReplayedSession, isReplay } from '#core/sessions/spent-token.ts';

export type RevokeTokenInput = { client: ClientCredentials; token: string };

export async function revokeToken(ctx: Ctx, input: RevokeTokenInput): Promise<void> {
  const client = await requireServiceClient(ctx, input.client);
  const presented = await readRefreshToken(ctx, input.token);
  const sessionId = presented?.sessionId ?? (await ctx.accessTokens.sessionIdOf(input.token));
  const found = sessionId === null ? null : await findSession(ctx, sessionId);
  if (found === null) return;
  await inTransaction(ctx, async (tx) => {
    const isReplayed = presented !== null && isReplay(tx, found, presented.generation);
    const isEnded = isReplayed
      ? await endReplayedSession(tx, found)
      : await endSession(tx, found.session.id, 'revoked_by_service');
    if (!isEnded) return;
    const caller = { ...tx.caller, userAgent: `service ${client}` };
    await audit({ ...tx, caller }, 'revoke_token.completed', found.user.id, { sessionId: found.session.id });
  });
}

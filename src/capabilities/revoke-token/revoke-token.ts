/**
 * For another service: end the session of a token, even an expired one (RFC 7009): a refresh or access token, or one of
 * the two tokens of the Vault API, also from a registration. Every token of the session ends with it. A token that was
 * not issued here or has ended already is not an error, because it is not valid anyway. The audit log names the service
 * in place of the user agent.
 * A token for one service is not revoked: the service may use it, but not end the session. It expires within minutes.
 * Fails with: InvalidClientError, TooManyAttemptsError.
 */

import { type ClientCredentials, requireServiceClient } from '#core/accounts/service-client.ts';
import { audit } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { sessionIdOfProvisionalToken } from '#core/sessions/provisional-session.ts';
import { readRefreshToken } from '#core/sessions/refresh-token.ts';
import { endSession, findSession } from '#core/sessions/session.ts';
import { endReplayedSession, isReplay } from '#core/sessions/spent-token.ts';
import { readVaultToken } from '#core/sessions/vault-token.ts';
import { fromNumericDate } from '#core/time.ts';

export type RevokeTokenInput = { client: ClientCredentials; token: string };

/** Returns whether the token can be revoked, if it was not already. */
export async function revokeToken(ctx: Ctx, input: RevokeTokenInput): Promise<boolean> {
  const client = await requireServiceClient(ctx, input.client);
  const service = ctx.config.services.find(({ name }) => name === client);
  const access = await ctx.accessTokens.readPresented(input.token, service, { evenExpired: true });
  // One that has expired is like any other token that is not valid: there is nothing to revoke.
  if (access?.isOwn === false) return fromNumericDate(access.exp) <= ctx.clock();
  const presented = readRefreshToken(ctx, input.token);
  const sessionId = access?.sid ?? presented?.sessionId ?? (await sessionIdOfVaultToken(ctx, input.token));
  const found = sessionId === null ? null : await findSession(ctx, sessionId);
  if (found === null) return true;
  await inTransaction(ctx, async (tx) => {
    const isReplayed = presented !== null && isReplay(tx, found, presented.generation);
    const isEnded = isReplayed
      ? await endReplayedSession(tx, found)
      : await endSession(tx, found.session.id, 'revoked_by_service');
    if (!isEnded) return;
    const caller = { ...tx.caller, userAgent: `service ${client}` };
    await audit({ ...tx, caller }, 'revoke_token.completed', found.user.id, { sessionId: found.session.id });
  });
  return true;
}

/** The session of one of the two tokens of the Vault API, a registration's included; null for any other token. */
async function sessionIdOfVaultToken(ctx: Ctx, token: string): Promise<string | null> {
  const options = { evenExpired: true };
  return (await readVaultToken(ctx, token, options))?.sid ?? sessionIdOfProvisionalToken(ctx, token, options);
}

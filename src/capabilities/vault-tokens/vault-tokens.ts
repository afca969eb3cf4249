/**
 * Issue the two tokens of a session that clients of the Vault API use: one for the person, one for their organization.
 *
 * Both are valid for an hour. The first is an access token that may be exchanged for a new one before it expires,
 * because these clients get no refresh token. For a provisional session it is not an access token, and can only request
 * the verification email again and be refreshed.
 */
import type { Ctx } from '#core/context.ts';
import { provisionalTokenOf } from '#core/sessions/provisional-session.ts';
import type { SessionWithUser } from '#core/sessions/session-columns.ts';
import { vaultTokenOf } from '#core/sessions/vault-token.ts';
import { HOUR_SECONDS, secondsAfter } from '#core/time.ts';

export type VaultTokens = { userToken: string; vaultToken: string };

const TTL_SECONDS = HOUR_SECONDS;

export async function issueVaultTokens(ctx: Ctx, { user, session }: SessionWithUser): Promise<VaultTokens> {
  const options = { accessTokenTtlSeconds: TTL_SECONDS, isRefreshable: true };
  const userToken = session.isProvisional
    ? provisionalTokenOf(ctx, session)
    : ctx.accessTokens.issue(user, session, options).token;
  const vaultToken = await vaultTokenOf(ctx, { user, session }, secondsAfter(ctx.clock(), TTL_SECONDS));
  return { userToken, vaultToken };
}

/**
 * Tokens of requests for an email. A code that is bound to its request counts only together with the token that the
 * answer to the request had, so that nobody else can guess at it or use up its attempts (OWASP ASVS 5.0 section 6.6.2).
 * The token alone proves nothing, and it differs from the token of the link.
 */
import type { Ctx } from '#core/context.ts';
import { challengeToken, idOfChallengeToken } from './challenge-token.ts';

/** The token for a challenge, or for an id that belongs to none: nobody can tell the difference. */
export function requestTokenOf(ctx: Pick<Ctx, 'secrets'>, { id, purpose }: { id: string; purpose: string }): string {
  return challengeToken(ctx.secrets, { id, purpose: ofRequest(purpose) });
}

/** The id of the challenge; null for a token that was not made for such a request. */
export function idOfRequestToken(ctx: Pick<Ctx, 'secrets'>, purpose: string, pasted: string): string | null {
  return idOfChallengeToken(ctx, ofRequest(purpose), pasted);
}

function ofRequest(purpose: string): string {
  return `${purpose}:request`;
}

/**
 * Codes and links that sign in. The code counts only together with the token of the request that asked for it, so
 * nobody else can guess at it (OWASP ASVS 5.0 section 6.6.2). The link is not bound to a browser: people open their
 * email elsewhere. It leads to a page that names the account and has a button, because mail scanners open every link.
 *
 * Unlike other challenges, an older one stays valid: a request by someone else must not end that of the owner.
 */
import type { Ctx } from '#core/context.ts';
import { minutesAfter } from '#core/time.ts';
import { CHALLENGE_LIFE } from './challenge-purpose.ts';
import { requestTokenOf } from './request-token.ts';

const PURPOSE = 'sign-in-with-email';

export type SignInRequest = { id: string; requestToken: string; expiresAt: Date };

/** Call it in a transaction, with `asIfKnown` of core/accounts/stand-in.ts. */
export async function issueSignInProof(tx: Ctx, user: { id: string; email: string }): Promise<SignInRequest> {
  const now = tx.clock();
  const { codeMinutes, linkMinutes } = CHALLENGE_LIFE[PURPOSE];
  const expiresAt = minutesAfter(now, linkMinutes);
  const times = { createdAt: now, codeExpiresAt: minutesAfter(now, codeMinutes), expiresAt };
  const data = { purpose: PURPOSE, userId: user.id, address: user.email, ...times };
  const { id } = await tx.db.challenge.create({ data, select: { id: true } });
  return { id, requestToken: requestTokenOf(tx, { id, purpose: PURPOSE }), expiresAt };
}

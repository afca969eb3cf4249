/**
 * Codes and links that sign in. The code counts only together with the token of the request that asked for it, so
 * nobody else can guess at it (OWASP ASVS 5.0 section 6.6.2). The link is not bound to a browser: people open their
 * email elsewhere. It leads to a page that names the account and has a button, because mail scanners open every link.
 *
 * Unlike other challenges, an older one stays valid: a request by someone else must not end that of the owner.
 */
import { v7 as uuid } from 'uuid';
import type { Ctx } from '#core/context.ts';
import { minutesAfter } from '#core/time.ts';
import { CHALLENGE_LIFE, writeDecoy } from './challenge.ts';
import { requestTokenOf } from './request-token.ts';

const PURPOSE = 'sign-in-with-email';

export type SignInRequest = { id: string; requestToken: string; expiresAt: Date };

/** For an account; for null, as many rows are written, and nothing is stored. Call it in a transaction. */
export async function issueSignInProof(tx: Ctx, user: { id: string; email: string } | null): Promise<SignInRequest> {
  const now = tx.clock();
  const { codeMinutes, linkMinutes } = CHALLENGE_LIFE[PURPOSE];
  const expiresAt = minutesAfter(now, linkMinutes);
  const codeExpiresAt = minutesAfter(now, codeMinutes);
  const data = { purpose: PURPOSE, createdAt: now, codeExpiresAt, expiresAt };
  // The token begins with the id, so an id that belongs to no challenge is made in the same way.
  const id = uuid();
  if (user === null) await writeDecoy(tx, id);
  else await tx.db.challenge.create({ data: { ...data, id, userId: user.id, address: user.email } });
  return { id, requestToken: requestTokenOf(tx, { id, purpose: PURPOSE }), expiresAt };
}

/** The email with a code and a link to choose a password, sent to a known account without a request. */
import type { Ctx } from '#core/context.ts';
import type { User } from '#generated/prisma/client.ts';
import { issueChallenge } from './challenge.ts';

/**
 * Queues the email, regardless of the email budgets. Call it in a transaction, and only where passwords sign in
 * (SIGN_IN_METHODS).
 * @param isSecured whether the owner has just undone a change, which ended the password
 */
export async function mailPasswordLink(tx: Ctx, user: User, { isSecured = false } = {}): Promise<void> {
  const challenge = await issueChallenge(tx, 'reset-password', user);
  await tx.outbox.queue(tx, { mail: 'reset-password', challengeId: challenge.id, ...(isSecured && { isSecured }) });
}

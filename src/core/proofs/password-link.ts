/** The email with a code and a link to choose a password, for an account that is known: nobody has asked for it. */
import type { Ctx } from '#core/context.ts';
import type { User } from '#generated/prisma/client.ts';
import { issueChallenge } from './challenge.ts';

/**
 * Queues it, whatever the email budgets are. Call it in a transaction, and where passwords sign in (SIGN_IN_METHODS).
 * @param isSecured whether the owner has just undone a change, which ended the password
 */
export async function mailPasswordLink(tx: Ctx, user: User, { isSecured = false } = {}): Promise<void> {
  const challenge = await issueChallenge(tx, 'reset-password', user);
  await tx.outbox.queue(tx, { mail: 'reset-password', challengeId: challenge.id, ...(isSecured && { isSecured }) });
}

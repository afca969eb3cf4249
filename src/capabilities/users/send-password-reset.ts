/**
 * Send the owner of an account a password reset email. For administrators, who never see the code or link.
 *
 * It is the email that the owner could request, and counts against the same budget. Nothing else changes: also end the
 * sessions if the account has been taken over.
 * Fails with: UserNotFoundError, AccountDisabledError, TooManyAttemptsError; UnauthenticatedError, ForbiddenError,
 * ReauthenticationRequiredError. Where passwords do not sign in (SIGN_IN_METHODS), ForbiddenError.
 */

import { administer, requireRecentAdministrator } from '#core/accounts/administrator.ts';
import { audit } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { storedAddress } from '#core/input/email-address.ts';
import { giveBackMail, reserveMail } from '#core/mail/mail-budget.ts';
import { mailPasswordLink } from '#core/proofs/password-link.ts';
import { requireOpenMethod } from '#core/sign-in-methods.ts';
import { AccountDisabledError, UserNotFoundError } from '#errors/domain-errors.ts';
import type { User } from '#generated/prisma/client.ts';
import { findUser } from './users.ts';

export type SendPasswordResetSuccess = { user: User };

export async function sendPasswordReset(ctx: Ctx, { userId }: { userId: string }): Promise<SendPasswordResetSuccess> {
  const administrator = await requireRecentAdministrator(ctx);
  requireOpenMethod(ctx, 'password');
  const found = await findUser(ctx, { id: userId });
  if (found === null) throw new UserNotFoundError();
  if (found.disabledAt !== null) throw new AccountDisabledError();
  await reserveMail(ctx, 'reset-password', storedAddress(found.email));
  try {
    return await inTransaction(ctx, (tx) =>
      administer(tx, administrator, userId, async (user) => {
        if (user.disabledAt !== null) throw new AccountDisabledError();
        await audit(tx, 'send_password_reset.completed', user.id, administrator);
        await mailPasswordLink(tx, user);
        return { user };
      }),
    );
  } catch (error) {
    await giveBackMail(ctx, 'reset-password', storedAddress(found.email));
    throw error;
  }
}

/**
 * Undo a change of second factors with the link that the owner got by email, for seven days.
 *
 * Someone who uses it says that another person has access to the account. So it takes back this change and everything
 * of the kind that followed: factors added since go, those removed since come back, recovery codes and trusted devices
 * are void, a pending removal is canceled. It also brings back the address that the link was sent to, cancels a
 * deletion, ends every session, makes the password invalid, and emails a link to choose a new one, where passwords sign
 * in. It works once, and ends the links of later changes, which may be the intruder's.
 * Fails with: InvalidCodeError, EmailTakenError.
 */
import { setVerifiedAddress } from '#core/accounts/verified-address.ts';
import { audit } from '#core/audit.ts';
import { type Ctx, inTransaction } from '#core/context.ts';
import { describeDevice } from '#core/input/device.ts';
import { storedAddress } from '#core/input/email-address.ts';
import { formatMoment, type Locale } from '#core/locale.ts';
import { endChallenges, previewChallenge } from '#core/proofs/challenge.ts';
import { mailPasswordLink } from '#core/proofs/password-link.ts';
import { answerLinkProof, type ValidProof } from '#core/proofs/proof.ts';
import { endLaterUndoLinks } from '#core/proofs/undo-link.ts';
import { LIFT_SUSPENSION } from '#core/second-factors/password-suspension.ts';
import { revertSecurityChanges } from '#core/second-factors/security-change.ts';
import { endSessions } from '#core/sessions/session.ts';
import { isOpenMethod } from '#core/sign-in-methods.ts';
import { USABLE_ACCOUNT } from '#core/usable.ts';
import { InvalidCodeError } from '#errors/domain-errors.ts';
import type { Challenge, SecurityChange, User } from '#generated/prisma/client.ts';

export type UndoSecurityChangeSuccess = { user: User };

const PURPOSE = 'undo-security-change';

export async function undoSecurityChange(ctx: Ctx, input: { token: string }): Promise<UndoSecurityChangeSuccess> {
  return answerLinkProof(ctx, { purpose: PURPOSE, operation: PURPOSE }, input.token, {
    first: (proof) => secureAccount(ctx, proof),
    again: async ({ id, address }) => {
      // Until the owner has chosen a new password with the link that was sent to them.
      const secured = { email: address, passwordHash: null, ...USABLE_ACCOUNT };
      const user = await ctx.db.user.findUnique({ where: { id, ...secured } });
      return user && { user };
    },
  });
}

async function secureAccount(ctx: Ctx, { challenge, consume }: ValidProof): Promise<UndoSecurityChangeSuccess> {
  return inTransaction(ctx, async (tx) => {
    await consume(tx);
    const change = await findChange(tx, challenge);
    if (change === null) throw new InvalidCodeError();
    const secured = { passwordHash: null, deletesAt: null, ...LIFT_SUSPENSION };
    const { id } = await setVerifiedAddress(tx, challenge.userId, storedAddress(challenge.address), secured);
    await revertSecurityChanges(tx, id, change.createdAt);
    await endChallenges(tx, id);
    await endLaterUndoLinks(tx, challenge);
    await endSessions(tx, id, 'security_change_undone');
    await audit(tx, 'undo_security_change.completed', id);
    const user = await tx.db.user.findUniqueOrThrow({ where: { id } });
    if (isOpenMethod(tx, 'password')) await mailPasswordLink(tx, user, { isSecured: true });
    return { user };
  });
}

/** When and from where the change was made, for the page that asks. Null if it can no longer be undone. */
export async function previewSecurityChange(
  ctx: Ctx,
  { token, locale }: { token: string; locale: Locale },
): Promise<{ at: string; device: string | null } | null> {
  const challenge = await previewChallenge(ctx, PURPOSE, token);
  const change = challenge && (await findChange(ctx, challenge));
  return change && { at: formatMoment(change.createdAt, locale), device: describeDevice(change).device };
}

/** Null if it was undone already, with the link of an earlier change. */
async function findChange(ctx: Ctx, { subjectId }: Challenge): Promise<SecurityChange | null> {
  return subjectId === null ? null : ctx.db.securityChange.findFirst({ where: { id: subjectId, undoneAt: null } });
}

/**
 * View, accept, or decline an invitation.
 *
 * Only an account that has verified the invited address can accept, once, with the token of the link or the code in the
 * email. Anyone who has the link can view and decline. Invitations that are wrong, expired, used, revoked, replaced, or
 * meant for a different address all give the same error. The organization header is ignored: the invitation names the
 * organization, and accepting requires no permission there. New people pass the token to `register` instead.
 * Fails with: ValidationError, InvalidInvitationError, TooManyAttemptsError; UnauthenticatedError.
 */
import { audit } from '#core/audit.ts';
import { type Ctx, inTransaction, type Viewer } from '#core/context.ts';
import { collectFieldErrors } from '#core/input/field-errors.ts';
import { lockUser } from '#core/lock-user.ts';
import {
  findInvitationByToken,
  type OpenInvitation,
  proveInvitationByCode,
  takeInvitation,
  WAITING,
} from '#core/organizations/invitation.ts';
import { pastedToken, typedCode } from '#core/proofs/pasted-proof.ts';
import { answerRepeatedly, type ProofRequest } from '#core/proofs/repetition.ts';
import { mayRecordWrongProof } from '#core/proofs/wrong-proof.ts';
import { requireViewer } from '#core/sessions/viewer.ts';
import { USABLE_ORGANIZATION } from '#core/usable.ts';
import { InvalidInvitationError } from '#errors/domain-errors.ts';
import type { Membership } from '#generated/prisma/client.ts';

/** Exactly one of `token` and `code`. */
export type AcceptInvitationInput = { token?: string | null | undefined; code?: string | null | undefined };

/** What anyone with the link may see. Not the email address, because links can be passed on. */
export type InvitationPreview = Pick<OpenInvitation, 'role' | 'expiresAt'> & {
  organizationName: string;
  /** Null if the account of the inviter has been deleted. */
  inviterName: string | null;
};
export type AcceptInvitationSuccess = { membership: Membership };
export type DeclineInvitationSuccess = { organizationName: string };

export async function previewInvitation(ctx: Ctx, { token }: { token: string }): Promise<InvitationPreview | null> {
  const invitation = await findInvitationByToken(ctx, token);
  if (invitation === null) return null;
  const { role, expiresAt, organization, invitedBy } = invitation;
  return { role, expiresAt, organizationName: organization.name, inviterName: invitedBy?.name ?? null };
}

export async function acceptInvitation(ctx: Ctx, input: AcceptInvitationInput): Promise<AcceptInvitationSuccess> {
  const viewer = await requireViewer(ctx);
  const details = { actorId: viewer.user.id, sessionId: viewer.session.id };
  try {
    return await answerRepeatedly(ctx, acceptanceOf(viewer, input), {
      first: async (remember) => {
        const invitation = await requireProven(ctx, viewer, input);
        const { organizationId } = invitation;
        return inTransaction(ctx, async (tx) => {
          const user = await lockUser(tx, viewer.user.id);
          // An unverified address may belong to someone else.
          if (user === null || user.emailVerifiedAt === null) throw new InvalidInvitationError();
          const membership = await takeInvitation(tx, invitation, user);
          if (membership === null) throw new InvalidInvitationError();
          await remember(tx, { id: invitation.id, address: user.email });
          await audit(tx, 'accept_invitation.completed', user.id, { ...details, organizationId });
          return { membership };
        });
      },
      again: ({ id, address }) => findAccepted(ctx, viewer, { id, email: address }),
    });
  } catch (error) {
    if (error instanceof InvalidInvitationError && (await mayRecordWrongProof(ctx))) {
      await audit(ctx, 'accept_invitation.failed', viewer.user.id, details);
    }
    throw error;
  }
}

export async function declineInvitation(ctx: Ctx, { token }: { token: string }): Promise<DeclineInvitationSuccess> {
  return answerRepeatedly(
    ctx,
    { operation: 'decline-invitation', presented: [pastedToken(token)] },
    {
      first: async (remember) => {
        const invitation = await findInvitationByToken(ctx, token);
        if (invitation === null) throw new InvalidInvitationError();
        const { id, generation, email, organizationId, organization } = invitation;
        await inTransaction(ctx, async (tx) => {
          const { count } = await tx.db.invitation.updateMany({
            where: { id, generation, ...WAITING },
            data: { declinedAt: tx.clock() },
          });
          if (count !== 1) throw new InvalidInvitationError();
          await remember(tx, { id, address: email });
          await audit(tx, 'decline_invitation.completed', null, { organizationId });
        });
        return { organizationName: organization.name };
      },
      again: async ({ id }) => {
        const declined = await ctx.db.invitation.findUnique({
          where: { id, declinedAt: { not: null } },
          select: { organization: { select: { name: true } } },
        });
        return declined && { organizationName: declined.organization.name };
      },
    },
  );
}

function acceptanceOf({ session }: Viewer, { token, code }: AcceptInvitationInput): ProofRequest {
  return { operation: 'accept-invitation', presented: [session.id, pastedToken(token ?? ''), typedCode(code ?? '')] };
}

/** The membership of an accepted invitation, as long as the viewer has it and the organization can be used. */
async function findAccepted(
  ctx: Ctx,
  { user }: Viewer,
  accepted: { id: string; email: string },
): Promise<AcceptInvitationSuccess | null> {
  if (user.email !== accepted.email) return null;
  const invitation = await ctx.db.invitation.findUnique({ where: { ...accepted, acceptedAt: { not: null } } });
  if (invitation === null) return null;
  const { organizationId } = invitation;
  const membership = await ctx.db.membership.findUnique({
    where: { userId_organizationId: { userId: user.id, organizationId }, organization: USABLE_ORGANIZATION },
  });
  return membership && { membership };
}

async function requireProven(
  ctx: Ctx,
  { user }: Viewer,
  { token, code }: AcceptInvitationInput,
): Promise<OpenInvitation> {
  const errors = collectFieldErrors();
  if (!token === !code)
    errors.add('token', 'REQUIRED', 'Please provide either the token or the code of the invitation.');
  if (code && code.length > 32) errors.add('code', 'TOO_LONG', 'The code has six digits.');
  errors.throwIfAny();
  if (code) return proveInvitationByCode(ctx, user, code);
  const invitation = await findInvitationByToken(ctx, token ?? '');
  if (invitation === null || invitation.email !== user.email) throw new InvalidInvitationError();
  return invitation;
}

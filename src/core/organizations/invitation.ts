/**
 * Invitations ask the owner of an email address to join an organization, with a six-digit code and a link.
 *
 * The row holds no secret: both are HMACs of its id and generation under a derived key, computed when the email is
 * rendered and again when someone presents one. Every new email increments the generation, which ends the previous code
 * and link. A token alone makes nobody a member: the account that accepts must have verified the invited address. The
 * organization invites, so an invitation remains valid when the member who sent it leaves.
 */
import { NIL } from 'uuid';
import type { Ctx } from '#core/context.ts';
import { uuidFromBytes, uuidToBytes } from '#core/input/uuid.ts';
import { type Budget, keyOf } from '#core/limits/budget.ts';
import { reserve, settle } from '#core/limits/throttle.ts';
import { sixDigitsOf } from '#core/proofs/one-time-code.ts';
import { pastedToken, typedCode } from '#core/proofs/pasted-proof.ts';
import { type DerivedKeys, hmac, isMadeWith } from '#core/secrets.ts';
import { USABLE_ORGANIZATION } from '#core/usable.ts';
import { InvalidInvitationError } from '#errors/domain-errors.ts';
import type { Invitation, Membership, Organization, User } from '#generated/prisma/client.ts';
import { notifyOwners } from './owners.ts';

export const INVITATION_LIFE_DAYS = 7;

const MAX_ATTEMPTS = 5;
const GENERATION_BYTES = 6;

/** The state of an invitation. */
export type InvitationStatus = 'PENDING' | 'ACCEPTED' | 'DECLINED' | 'REVOKED' | 'EXPIRED';

/** An invitation that can be answered, with what its email and its page show. */
export type OpenInvitation = Invitation & { organization: Organization; invitedBy: Pick<User, 'name'> | null };

type Key = Pick<Invitation, 'id' | 'generation'>;

/** The key of no invitation. */
const NO_KEY: Key = { id: NIL, generation: 0 };

/** Not accepted, declined, or revoked. The database allows one such invitation per organization and address. */
export const WAITING = { acceptedAt: null, declinedAt: null, revokedAt: null };

export function invitationStatus(invitation: Invitation, now: Date): InvitationStatus {
  if (invitation.acceptedAt !== null) return 'ACCEPTED';
  if (invitation.declinedAt !== null) return 'DECLINED';
  if (invitation.revokedAt !== null) return 'REVOKED';
  return invitation.expiresAt > now ? 'PENDING' : 'EXPIRED';
}

/** The six-digit code of the latest email. */
export function invitationCode(secrets: DerivedKeys, { id, generation }: Key): string {
  return sixDigitsOf(hmac(secrets.invitation, `code:${id}:${generation}`));
}

/** The link token of the latest email: id, generation, and 256 bits of HMAC, base64url. */
export function invitationToken(secrets: DerivedKeys, { id, generation }: Key): string {
  const head = Buffer.alloc(16 + GENERATION_BYTES);
  uuidToBytes(id).copy(head);
  head.writeUIntBE(generation, 16, GENERATION_BYTES);
  return Buffer.concat([head, hmac(secrets.invitation, `link:${id}:${generation}`)]).toString('base64url');
}

/**
 * The invitation of a link token, if it can be answered. A forged token takes the same lookup as one that cannot.
 */
export async function findInvitationByToken(ctx: Ctx, pasted: string): Promise<OpenInvitation | null> {
  const token = pastedToken(pasted);
  const bytes = /^[A-Za-z0-9_-]{72}$/.test(token) ? Buffer.from(token, 'base64url') : Buffer.alloc(54);
  const key = { id: uuidFromBytes(bytes), generation: bytes.readUIntBE(16, GENERATION_BYTES) };
  const isOurs = isMadeWith(ctx.secrets, (keys) => invitationToken(keys, key), token);
  return findOpenInvitation(ctx, isOurs ? key : NO_KEY);
}

/**
 * The invitation of the user's own address that has this code. The guess is counted before it is compared, for every
 * invitation it could match, in a statement that commits on its own. Someone without an invitation writes as much.
 * Fails with InvalidInvitationError and TooManyAttemptsError.
 */
export async function proveInvitationByCode(
  ctx: Ctx,
  user: Pick<User, 'id' | 'email'>,
  code: string,
): Promise<OpenInvitation> {
  const guesses: Budget = { name: 'invitation-code', of: user.id, subjectId: user.id };
  await reserve(ctx, [guesses]);
  // Locked in a fixed order, so that two guesses at once never deadlock.
  const counted = await ctx.database.prisma.$queryRaw<Key[]>`
    WITH counted AS (
      UPDATE invitations SET attempts = attempts + 1
       WHERE id IN (SELECT id FROM invitations
                     WHERE email = ${user.email} AND accepted_at IS NULL AND declined_at IS NULL AND revoked_at IS NULL
                       AND expires_at > ${ctx.clock()}::timestamptz AND attempts < ${MAX_ATTEMPTS}
                     ORDER BY id FOR UPDATE)
      RETURNING id, generation),
    instead AS (
      UPDATE throttles SET count = count
       WHERE key IN (SELECT key FROM throttles
                      WHERE key = ${keyOf(ctx, guesses)} AND NOT EXISTS (SELECT 1 FROM counted) FOR UPDATE)
      RETURNING key)
    SELECT id, generation FROM counted UNION ALL SELECT ${NIL}::uuid, 0 FROM instead`;
  const digits = typedCode(code);
  const meant = counted.find((key) => isMadeWith(ctx.secrets, (keys) => invitationCode(keys, key), digits));
  const invitation = meant === undefined || meant.id === NIL ? null : await findOpenInvitation(ctx, meant);
  if (invitation === null) throw new InvalidInvitationError();
  // A correct code does not count as an attempt, not even for the other invitations.
  await ctx.database.prisma.$executeRaw`
    UPDATE invitations SET attempts = attempts - 1
     WHERE id IN (SELECT id FROM invitations WHERE id = ANY(${counted.map(({ id }) => id)}::uuid[]) AND attempts > 0
                   ORDER BY id FOR UPDATE)`;
  await settle(ctx, [guesses], []);
  return invitation;
}

/** The invitation in this generation, if it is open, has not expired, and its organization can be used. */
export async function findOpenInvitation(ctx: Ctx, key: Key): Promise<OpenInvitation | null> {
  return ctx.db.invitation.findUnique({
    where: { ...key, ...WAITING, expiresAt: { gt: ctx.clock() }, organization: USABLE_ORGANIZATION },
    include: { organization: true, invitedBy: { select: { name: true } } },
  });
}

/**
 * Consumes the invitation and makes the user a member; null if it can no longer be accepted or is not for their
 * address. Safe against concurrent calls, expiry, a new email, and the deletion of the organization: one of them wins.
 * Someone who is already a member keeps their role: an invitation never raises a role. Call it in a transaction with
 * the user's row locked and their address verified.
 */
export async function takeInvitation(
  tx: Ctx,
  invitation: Key & Pick<Invitation, 'organizationId'>,
  user: Pick<User, 'id' | 'email'>,
): Promise<Membership | null> {
  const { id, generation, organizationId } = invitation;
  const now = tx.clock();
  const [organization] = await tx.db.$queryRaw<unknown[]>`
    SELECT 1 FROM organizations WHERE id = ${organizationId}::uuid AND suspended_at IS NULL AND deletes_at IS NULL
       FOR NO KEY UPDATE`;
  if (organization === undefined) return null;
  const { count } = await tx.db.invitation.updateMany({
    where: { id, generation, email: user.email, ...WAITING, expiresAt: { gt: now } },
    data: { acceptedAt: now },
  });
  if (count !== 1) return null;
  const { role } = await tx.db.invitation.findUniqueOrThrow({ where: { id }, select: { role: true } });
  const member = { userId: user.id, organizationId };
  const row = { ...member, role, createdAt: now, updatedAt: now };
  const joined = await tx.db.membership.createMany({ data: [row], skipDuplicates: true });
  if (joined.count === 1 && role === 'OWNER') {
    await notifyOwners(tx, { organizationId, ownerId: user.id, event: 'added' });
  }
  return tx.db.membership.findUniqueOrThrow({ where: { userId_organizationId: member } });
}

/** Revokes the open invitations for a member's address, so that someone who was removed cannot come back with one. */
export async function revokeInvitations(
  tx: Ctx,
  { organizationId, userId }: Pick<Membership, 'organizationId' | 'userId'>,
): Promise<void> {
  const { email } = await tx.db.user.findUniqueOrThrow({ where: { id: userId }, select: { email: true } });
  await tx.db.invitation.updateMany({
    where: { organizationId, email, ...WAITING },
    data: { revokedAt: tx.clock() },
  });
}

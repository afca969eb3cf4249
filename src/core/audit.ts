/** The record of what happened: append-only, names nobody's secret. Written in the transaction of what it records. */
import type { AuditEvent } from '#generated/prisma/client.ts';
import type { Ctx } from './context.ts';
import { hmac } from './secrets.ts';

/**
 * Every event there is, with what it tells; a new one is added here first, none is ever renamed or taken out: the record
 * names them. `failed`, `denied`, `replayed` and `throttled` are failures. The type and the GraphQL enum come from this list.
 */
export const AUDIT_EVENTS = {
  'register.completed': 'Somebody registered.',
  'register.repeated': 'Somebody registered with the address of this account.',
  'register.superseded': 'An unverified registration was removed: another account verified its address.',
  'verify_email.completed': 'The address was proven.',
  'verify_email.failed': 'A wrong code for proving the address.',
  'verify_email.requested': 'A new email for proving the address was asked for.',
  'login.completed': 'A session was opened.',
  'login.failed': 'A wrong password, or an identifier nobody has.',
  'login.throttled': 'Passwords for this account, or from one network, were refused unchecked: too many attempts.',
  'login.after_failures': 'A password was right after many wrong ones; the owner was told by email.',
  'reauthenticate.completed': 'The person proved again who they are.',
  'reauthenticate.failed': 'A wrong password when asked again.',
  'refresh.replayed': 'A spent refresh token was used again; the session ended.',
  'logout.completed': 'A session was ended by whoever held it.',
  'logout_everywhere.completed': 'The person ended all sessions.',
  'change_password.completed': 'The person chose a new password; reset links ended.',
  'change_password.failed': 'A wrong current password when choosing a new one.',
  'change_email.requested': 'The account is to move to another address.',
  'change_email.completed': 'The account moved to another address.',
  'change_email.failed': 'A wrong code or link for the change of address.',
  'change_email.undone': 'The old address took the account back; every session ended and the password is void.',
  'update_profile.completed': 'The person changed name, username, phone or language.',
  'export_my_data.completed': 'The person exported what is held about them.',
  'delete_account.requested': 'The person asked for the account to be deleted; every session ended.',
  'delete_account.failed': 'A wrong password or link for the deletion of the account.',
  'delete_account.undone': 'The deletion was taken back in time.',
  'delete_account.completed': 'The account was deleted after its time of grace.',
  'end_session.completed': 'The person ended one of their sessions.',
  'end_other_sessions.completed': 'The person ended every session but the one they did it in.',
  'session_limit.reached': 'A new session ended the one not used for longest: a person has at most 50.',
  'revoke_token.completed': 'A service revoked a token; its session ended.',
  'service_client.failed': 'A service showed a wrong client secret.',
  'rotate_keys.completed': 'An operator made the next signing key.',
  'retire_key.completed': 'An operator took a signing key out of use.',
  'reset_password.requested': 'An email for setting a new password was asked for.',
  'reset_password.completed': 'A new password was set with a mailed proof; every session ended.',
  'reset_password.failed': 'A wrong code for setting a new password.',
  'create_organization.completed': 'The person made an organization.',
  'join_organization.completed': 'The person became a member by registering into the organization.',
  'update_organization.completed': 'The organization was renamed, or opened or closed for registration.',
  'delete_organization.completed': 'The deletion of the organization was asked for.',
  'restore_organization.completed': 'The deletion of the organization was undone.',
  'purge_organization.completed': 'The organization and all that belonged to it was deleted for good.',
  'suspend_organization.completed': 'An administrator suspended the organization.',
  'unsuspend_organization.completed': 'An administrator lifted the suspension of the organization.',
  'switch_organization.completed': 'An access token for the organization was given out.',
  'update_membership_role.completed': 'The person was given another role in the organization.',
  'remove_member.completed': 'The person was removed from the organization.',
  'leave_organization.completed': 'The person left the organization.',
  'transfer_ownership.completed': 'The person was given the ownership of the organization.',
  'invite_member.completed': 'The person invited an address to the organization.',
  'resend_invitation.completed': 'The person had an invitation mailed again.',
  'revoke_invitation.completed': 'The person revoked an invitation.',
  'accept_invitation.completed': 'The person accepted an invitation to the organization.',
  'accept_invitation.failed': 'An invitation that cannot be used, or a wrong code of one.',
  'decline_invitation.completed': 'An invitation was declined by whoever held its link.',
  'create_role.completed': 'A custom role was made.',
  'update_role.completed': 'A custom role was changed.',
  'delete_role.completed': 'A custom role was deleted.',
  'assign_role.completed': 'The person was given a custom role.',
  'unassign_role.completed': 'A custom role was taken from the person.',
  'create_project.completed': 'A project was made.',
  'rename_project.completed': 'A project was renamed.',
  'archive_project.completed': 'A project was archived.',
  'unarchive_project.completed': 'A project was taken out of the archive.',
  'create_user.completed': 'An administrator made the account.',
  'import_user.completed': 'The account came from another system.',
  'disable_user.completed': 'An administrator disabled the account; every session ended.',
  'enable_user.completed': 'An administrator enabled the account again.',
  'set_user_role.completed': 'An administrator gave the account another platform role.',
  'end_user_sessions.completed': 'An administrator ended every session of the account.',
  'code.throttled': 'Mailed codes were refused unchecked: too many attempts.',
  'email.throttled': 'No more emails of one kind were sent to an address: too many were asked for.',
  'discovery.throttled': 'A network asked too often which addresses, usernames or phone numbers are taken.',
  'export_my_data.throttled': 'The person exported their data too often.',
  'service_client.throttled': 'A network showed too many wrong client secrets.',
  'access.denied': 'The person asked for something they have no right to.',
  'access.throttled': 'The person was denied so often that further denials are not recorded one by one.',
  'send_password_reset.completed': 'An administrator had an email for setting a new password sent.',
} as const;

export type AuditEventName = keyof typeof AUDIT_EVENTS;

/** What else is known about an event. */
export type AuditDetails = {
  /** Who did it; null or absent for a stranger. */
  actorId?: string | null;
  /** In which session; only a digest of it is kept. */
  sessionId?: string | null;
  /** The organization that was acted in. */
  organizationId?: string | null;
};

/** @param subjectId whom it concerns; null for an unknown identifier */
export async function audit(
  ctx: Ctx,
  name: AuditEventName,
  subjectId: string | null,
  { actorId = null, sessionId = null, organizationId = null }: AuditDetails = {},
): Promise<void> {
  ctx.trail.userId ??= subjectId;
  await ctx.db.auditEvent.create({
    data: {
      name,
      outcome: outcomeOf(name),
      subjectId,
      actorId,
      sessionRef: sessionId === null ? null : sessionRef(ctx, sessionId),
      organizationId,
      ipAddress: ctx.caller.ipAddress,
      userAgent: ctx.caller.userAgent,
      requestId: ctx.caller.requestId,
      origin: ctx.origin,
      occurredAt: ctx.clock(),
    },
  });
}

/** As `audit`, of one event that concerns many, in one statement. */
export async function auditEach(ctx: Ctx, name: AuditEventName, subjectIds: readonly string[]): Promise<void> {
  const { ipAddress, userAgent, requestId } = ctx.caller;
  const event = { name, outcome: outcomeOf(name), ipAddress, userAgent, requestId, origin: ctx.origin };
  const occurredAt = ctx.clock();
  await ctx.db.auditEvent.createMany({ data: subjectIds.map((subjectId) => ({ ...event, subjectId, occurredAt })) });
}

function outcomeOf(name: AuditEventName): 'SUCCESS' | 'FAILURE' {
  return /\.(?:failed|denied|replayed|throttled)$/.test(name) ? 'FAILURE' : 'SUCCESS';
}

/** Tells sessions apart in the record without naming them: who reads it cannot use or find a session by it. */
export function sessionRef({ secrets }: Pick<Ctx, 'secrets'>, sessionId: string): string {
  return hmac(secrets.auditSession, sessionId).toString('base64url', 0, 9);
}

/**
 * An event as the person may see it whom it concerns: where another person did it from is theirs. A stranger's guess is
 * told whole.
 */
export function asSeenBy(userId: string, event: AuditEvent): AuditEvent {
  const isOwn = event.actorId === null || event.actorId === userId;
  return isOwn ? event : { ...event, ipAddress: null, userAgent: null, sessionRef: null };
}

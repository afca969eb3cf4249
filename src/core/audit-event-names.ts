/**
 * Everything that the audit log can record.
 *
 * Events are added here, never renamed or removed, because stored entries refer to them.
 * `failed`, `denied`, `refused`, `replayed`, and `throttled` are failures. The type and the GraphQL enum come from this
 * list.
 */

/** Every event and its meaning. */
export const AUDIT_EVENTS = {
  'register.completed': 'Someone registered; their email address is not verified yet.',
  'register.repeated': 'Someone registered with the email address of this account.',
  'register.superseded': 'An unverified registration was removed because another account verified its address.',
  'register.rejected': 'Someone who reads the address said that they did not register; the account was removed.',
  'verify_email.completed': 'The email address was verified.',
  'verify_email.failed': 'A wrong code or link was used to verify the email address.',
  'verify_email.requested': 'A new verification email was requested.',
  'login.completed': 'Someone signed in; a session started.',
  'login.failed': 'A sign-in failed: the password was wrong or no account has the identifier.',
  'login.throttled': 'Sign-ins to this account, or from one network, were refused unchecked: too many attempts.',
  'login.after_failures': 'The correct password followed many wrong ones; the owner was notified by email.',
  'login.new_device': 'The person signed in on a new device; the owner was notified by email.',
  'login.many_failures': 'Many wrong passwords came from unknown devices; the owner was notified by email.',
  'request_login.requested': 'An email that signs in was requested.',
  'login_with_email.failed': 'A wrong code or link was used to sign in.',
  'confirm_login.failed': 'A wrong second factor was entered after the right password or emailed code.',
  'password.suspended':
    'The password stopped counting after many wrong second factors in a row; the owner was notified and has to set a new one.',
  'service.throttled':
    'Too many wrong passwords came from unknown devices, over all accounts; each further attempt costs more.',
  'second_factor.throttled': 'Second factors of this account were refused unchecked: too many attempts.',
  'setup_totp.completed': 'The person set up an authenticator app as a second factor.',
  'setup_totp.failed': 'A wrong code was entered to set up an authenticator app.',
  'remove_totp.completed': 'The person removed an authenticator app.',
  'renew_recovery_codes.completed': 'The person got new recovery codes; the old ones no longer work.',
  'recovery_code.used': 'A recovery code was used in place of a second factor; the owner was notified.',
  'trust_device.completed':
    'A device was marked as trusted: for 30 days, the first factor alone is enough to sign in there.',
  'forget_device.completed': 'The person had the service forget a device on which they had signed in.',
  'untrust_device.completed': 'The person stopped trusting a device.',
  'create_legacy_password.completed':
    'The person made a password for a REST client that cannot ask for a second factor.',
  'remove_legacy_password.completed': 'The person removed the password of such a client; its sessions ended.',
  'second_factor_reset.requested':
    'Someone with the password and the mailbox asked to remove lost second factors; it happens after three days or more.',
  'second_factor_reset.failed': 'A wrong link was used to remove lost second factors.',
  'second_factor_reset.completed': 'Lost second factors were removed after the wait; every session ended.',
  'reset_second_factors.completed': 'An administrator removed the second factors of the account; every session ended.',
  'undo_security_change.completed':
    'Someone who reads the address undid a change of second factors and everything after it; every session ended.',
  'undo_security_change.failed': 'A wrong link was used to undo a change of second factors.',
  'second_factor_reset.undone': 'The removal of lost second factors was canceled by a sign-in with one of them.',
  'reauthenticate.completed': 'The person confirmed their identity again.',
  'reauthenticate.failed': 'A wrong password or code was entered to confirm an identity.',
  'refresh.replayed': 'A spent refresh token was used again; the session ended.',
  'refresh.elsewhere':
    'A session whose token does not change was used on a network other than its first one; the owner was notified.',
  'refresh.denied':
    'The token of such a session was refused on a device other than its first one; the owner was notified.',
  'logout.completed': 'A session was signed out.',
  'logout_everywhere.completed': 'The person signed out of all sessions.',
  'change_password.completed': 'The person chose a new password; pending reset links ended.',
  'change_password.failed': 'A wrong current password was entered to choose a new one.',
  'change_email.requested': 'A move to another email address was requested; the current one stays in force.',
  'change_email.completed': 'The account moved to another email address.',
  'change_email.failed': 'A wrong code or link was used to change the email address.',
  'change_email.undone':
    'The change of the email address was undone; every session ended and the password became invalid.',
  'update_profile.completed': 'The person changed their name, username, phone number, or language.',
  'export_my_data.completed': 'The person downloaded everything the service holds about them.',
  'delete_account.requested': 'The person requested the deletion of the account; every session ended.',
  'delete_account.failed': 'A wrong password was entered to delete the account, or a wrong link used to keep it.',
  'delete_account.undone': 'The deletion of the account was undone in time.',
  'delete_account.completed': 'The account was deleted after its grace period.',
  'end_session.completed': 'The person signed out on one of their devices.',
  'end_other_sessions.completed': 'The person ended every session except the current one.',
  'replace_session.completed': 'The browser signed in again, so the session that it had before ended.',
  'session_limit.reached': 'A new session ended the least recently used one: a person has at most 50.',
  'revoke_token.completed': 'A service revoked a token; its session ended.',
  'service_client.failed': 'A service sent a wrong client secret.',
  'rotate_keys.completed': 'An operator created the next signing key.',
  'retire_key.completed': 'An operator retired a signing key.',
  'restore_backup.completed': 'A backup was restored: an operator ended every session, link, and password from before.',
  'reset_password.requested': 'An email with a code and a link to set a new password was requested.',
  'reset_password.completed': 'A new password was set with a code or link from an email; every session ended.',
  'reset_password.failed': 'A wrong code or link was used to reset the password.',
  'create_organization.completed': 'The person created an organization and owns it.',
  'join_organization.completed': 'The person became a member by registering in the organization.',
  'update_organization.completed': 'The organization was renamed, or opened or closed for registration.',
  'delete_organization.completed': 'The deletion of the organization was requested.',
  'restore_organization.completed': 'The deletion of the organization was undone.',
  'purge_organization.completed': 'The organization and everything in it were deleted for good.',
  'suspend_organization.completed': 'An administrator blocked the organization for its members.',
  'unsuspend_organization.completed': 'An administrator lifted the suspension of the organization.',
  'switch_organization.completed': 'An access token for the organization was issued.',
  'issue_service_token.completed': 'An access token for one service was issued; the user agent names the service.',
  'update_membership_role.completed': 'The person was given a different role in the organization.',
  'remove_member.completed': 'The person was removed from the organization.',
  'leave_organization.completed': 'The person left the organization.',
  'transfer_ownership.completed': 'Ownership of the organization was transferred to the person.',
  'invite_member.completed': 'The person invited an email address to the organization.',
  'resend_invitation.completed': 'The person sent an invitation again.',
  'revoke_invitation.completed': 'The person withdrew a pending invitation.',
  'accept_invitation.completed': 'The person accepted an invitation to the organization.',
  'accept_invitation.failed': 'An unusable invitation or a wrong invitation code was used.',
  'decline_invitation.completed': 'Someone with the link declined an invitation.',
  'create_role.completed': 'A custom role was created; nobody has it yet.',
  'update_role.completed': 'A custom role was changed.',
  'delete_role.completed': 'A custom role was deleted and taken from everyone who had it.',
  'assign_role.completed': 'The person was given a custom role.',
  'unassign_role.completed': 'A custom role was taken from the person.',
  'create_project.completed': 'A project was added to the organization.',
  'rename_project.completed': 'A project was given another name.',
  'archive_project.completed': 'A project was put aside; nothing was deleted.',
  'unarchive_project.completed': 'A project was restored from the archive.',
  'create_user.completed': 'An administrator created the account.',
  'normalize_phone.completed': 'The stored phone number was rewritten in its one form; it still signs in.',
  'normalize_phone.released':
    'Another account has the same phone number in another spelling; this account no longer has one.',
  'import_all.completed': 'An operator moved everything here from another database.',
  'import_user.completed': 'The account was imported from another system.',
  'disable_user.completed': 'An administrator disabled the account; every session ended.',
  'enable_user.completed': 'An administrator enabled the account again.',
  'set_user_role.completed': 'An administrator gave the account a different platform role.',
  'end_user_sessions.completed': 'An administrator ended every session of the account.',
  'code.throttled': 'Codes from emails were refused unchecked: too many attempts.',
  'email.throttled': 'No more emails of one kind were sent to an address: too many were requested.',
  'email.refused': 'The mail server refused an email to this account for good; it is not tried again.',
  'discovery.throttled': 'A network asked too often which email addresses, usernames, or phone numbers are taken.',
  'breach_check.throttled': 'New passwords were not looked up among those of data breaches: too many were chosen.',
  'export_my_data.throttled': 'The person exported their data too often.',
  'service_client.throttled': 'A network sent too many wrong client secrets.',
  'access.denied': 'The person requested something they have no permission for.',
  'write.throttled': 'The person changed so much in a short time that further changes were refused for a while.',
  'access.throttled': 'The person was denied so often that further denials are not recorded one by one.',
  'send_password_reset.completed': 'An administrator had a password reset email sent.',
} as const;

export type AuditEventName = keyof typeof AUDIT_EVENTS;

/** Stands for every event that this version does not know. */
export const OTHER_EVENT = 'other';

/** Whether this version knows the event. A newer one, run before an upgrade was undone, may have recorded others. */
export function isAuditEventName(name: string): name is AuditEventName {
  return Object.hasOwn(AUDIT_EVENTS, name);
}

export function outcomeOf(name: AuditEventName): 'SUCCESS' | 'FAILURE' {
  return /\.(?:failed|denied|refused|replayed|throttled)$/.test(name) ? 'FAILURE' : 'SUCCESS';
}

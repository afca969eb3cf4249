/** What the owner of an account is told about its security without anything to undo. */
export type SecurityNoticeKind = 'recovery_code_used' | 'password_suspended';

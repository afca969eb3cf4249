/** What challenges are for, and how long they live. */

/** Links that undo what an intruder did; see undo-link.ts. */
export const UNDO_PURPOSES = ['undo-email-change', 'undo-account-deletion', 'undo-security-change'] as const;
export type UndoPurpose = (typeof UNDO_PURPOSES)[number];

/** The purposes of emails that show that someone reads them. */
export type MailboxPurpose =
  | 'verify-email'
  | 'reset-password'
  /** Verifies a new email address for an account. */
  | 'change-email'
  /** Removes lost second factors, after three days. It has a link only. */
  | 'reset-second-factors'
  /** Signs in without a password; see sign-in-proof.ts. */
  | 'sign-in-with-email';

/** What comes in an email, as a code or in a link. */
export type EmailedPurpose = MailboxPurpose | UndoPurpose;

export type ChallengePurpose =
  | EmailedPurpose
  /** Continues a sign-in whose first factor is verified (core/sign-in/login-challenge.ts). It is not in any email. */
  | 'second-factor';

/** How long the code and the link are valid. */
export const CHALLENGE_LIFE = {
  'verify-email': { codeMinutes: 10, linkMinutes: 24 * 60 },
  'reset-password': { codeMinutes: 10, linkMinutes: 30 },
  'change-email': { codeMinutes: 10, linkMinutes: 60 },
  'reset-second-factors': { codeMinutes: 0, linkMinutes: 30 },
  // OWASP ASVS 5.0 section 6.5.5: out-of-band codes and links live 10 minutes.
  'sign-in-with-email': { codeMinutes: 10, linkMinutes: 10 },
} as const satisfies Record<MailboxPurpose, { codeMinutes: number; linkMinutes: number }>;

/** Valid only while the account still has the address; the others are for an address it had before or will get. */
export const OF_STORED_ADDRESS: ReadonlySet<string> = new Set([
  'verify-email',
  'reset-password',
  'reset-second-factors',
  'sign-in-with-email',
] satisfies ChallengePurpose[]);

/**
 * Every email by name, with the values that its text can show. Our texts are code; those of an operator are templates
 * (templates/template.ts), which are checked against this list.
 */
import type { SignInMethodName } from '#config/accounts/sign-in-settings.ts';

/**
 * What a value is. A code stands alone, a link is a button, a name was chosen by a person, and of a list each entry
 * gets a paragraph. With `?`, a template may leave the value out; every other one has to be shown.
 */
type Kind = 'text' | 'name' | 'moment' | 'span' | 'code' | 'link' | 'texts' | 'moments';
type Values = Readonly<Record<string, Kind | `${Kind}?`>>;

/** A length of time, as in `10 minutes`. */
export type Span = { count: number; unit: 'minute' | 'hour' | 'day' };

const PROOF = { code: 'code', codeTime: 'span?', link: 'link', linkTime: 'span?' } as const;
const SEEN = { device: 'text', ipAddress: 'text' } as const;
/** Former addresses that can still take the account back. */
const FORMER = { formerAddress: 'texts', formerUntil: 'moments' } as const;
const UNDO = { link: 'link', linkEndsAt: 'moment?' } as const;
const OWNER = { owner: 'name', organization: 'name', at: 'moment' } as const;
const IDENTIFIER = { at: 'moment', heldUntil: 'moment' } as const;
const SECURITY_CHANGE = { at: 'moment', ...SEEN, ...UNDO } as const;

const MAIL_VALUES = {
  'verify-email': {
    ...PROOF,
    rejectLink: 'link',
    accountName: 'name',
    username: 'name?',
    registeredAt: 'moment',
    ...SEEN,
  },
  'verify-contested-account': { ...PROOF, rejectLink: 'link' },
  'verify-created-account': { ...PROOF, accountName: 'name?', username: 'name?' },
  'already-registered': {},
  'reset-password': { ...PROOF, ...FORMER },
  'choose-password': { ...PROOF, ...FORMER },
  'choose-password-after-undo': { ...PROOF, ...FORMER },
  'password-reset': { at: 'moment', ...FORMER },
  'password-changed': { at: 'moment', ...FORMER },
  'password-changed-here': { at: 'moment', ...FORMER },
  'sign-in-with-email': PROOF,
  'sign-in-after-failures': { at: 'moment', failures: 'text?', ...SEEN },
  'new-device': { at: 'moment', ...SEEN },
  'many-failures': { at: 'moment' },
  'session-replayed': { at: 'moment', ...SEEN },
  'session-elsewhere': { at: 'moment', ...SEEN },
  'session-refused': { at: 'moment', ...SEEN },
  'change-email': { ...PROOF, currentAddress: 'text', undoTime: 'span?' },
  'email-change-requested': { at: 'moment', ...UNDO },
  'email-changed': { at: 'moment', ...UNDO },
  'address-in-use': {},
  'username-changed': IDENTIFIER,
  'phone-changed': IDENTIFIER,
  'username-and-phone-changed': IDENTIFIER,
  'totp-added': SECURITY_CHANGE,
  'totp-removed': SECURITY_CHANGE,
  'recovery-codes-renewed': SECURITY_CHANGE,
  'device-trusted': SECURITY_CHANGE,
  'legacy-password-added': SECURITY_CHANGE,
  'factors-removed': SECURITY_CHANGE,
  'reset-requested': { ...SECURITY_CHANGE, resetsAt: 'moment' },
  'reset-completed': SECURITY_CHANGE,
  'recovery-code-used': { at: 'moment', codesLeft: 'text' },
  'password-suspended': { at: 'moment' },
  'reset-second-factors': { link: 'link', linkTime: 'span?' },
  'account-deletion': { deletesAt: 'moment', link: 'link' },
  invitation: { inviter: 'name', organization: 'name', code: 'code', codeTime: 'span?', link: 'link' },
  'owner-added': OWNER,
  'owner-removed': OWNER,
} as const satisfies Record<string, Values>;

export type MailName = keyof typeof MAIL_VALUES;

export const MAIL_NAMES = Object.keys(MAIL_VALUES) as readonly MailName[];

/**
 * Subjects appear on lock screens: they have the codes that only confirm an address, and none that opens an account.
 */
export const CODE_IN_SUBJECT: ReadonlySet<MailName> = new Set([
  'verify-email',
  'verify-contested-account',
  'verify-created-account',
  'change-email',
]);

/** Emails that are about one way to sign in, and pointless where it is closed (SIGN_IN_METHODS). */
const ABOUT_METHOD: Partial<Record<MailName, SignInMethodName>> = {
  'reset-password': 'password',
  'choose-password': 'password',
  'choose-password-after-undo': 'password',
  'password-reset': 'password',
  'password-changed': 'password',
  'password-changed-here': 'password',
  'password-suspended': 'password',
  'many-failures': 'password',
  // It is sent after the right password.
  'reset-second-factors': 'password',
  'sign-in-with-email': 'email',
};

/** Whether the email says anything to people who sign in in one of these ways. Others are not sent. */
export function suitsMethods(name: MailName, methods: readonly SignInMethodName[]): boolean {
  const method = ABOUT_METHOD[name];
  return method === undefined || methods.includes(method);
}

type TypeOf = {
  text: string | null;
  /** As the person entered it. */
  name: string | null;
  moment: Date | null;
  span: Span | null;
  /** Null if it expired before the email was sent. */
  code: string | null;
  link: string;
  texts: readonly string[];
  moments: readonly Date[];
};
type Plain<K> = K extends `${infer Known extends Kind}?` ? Known : K extends Kind ? K : never;

/** The values that one email is written with; null where there is none this time. */
export type ValuesOf<Name extends MailName> = {
  readonly [Value in keyof (typeof MAIL_VALUES)[Name]]: TypeOf[Plain<(typeof MAIL_VALUES)[Name][Value]>];
};
export type MailValue = TypeOf[Kind];

/** The name of the email about a kind of change, as kinds are stored: `totp_added`. */
export function dashed<Text extends string>(text: Text): Dashed<Text> {
  return text.replaceAll('_', '-') as Dashed<Text>;
}
type Dashed<Text extends string> = Text extends `${infer Start}_${infer Rest}` ? `${Start}-${Dashed<Rest>}` : Text;

/** The kinds of the values of an email, and which of them a text has to show. Every email has `service`. */
export function kindsOf(name: MailName): ReadonlyMap<string, { kind: Kind; isRequired: boolean }> {
  const own = Object.entries<string>(MAIL_VALUES[name]).map(
    ([value, kind]) => [value, { kind: kind.replace('?', '') as Kind, isRequired: !kind.endsWith('?') }] as const,
  );
  return new Map([['service', { kind: 'text', isRequired: false }], ...own]);
}

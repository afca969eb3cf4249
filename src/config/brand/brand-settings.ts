/** What the operator's users see: the name of the service, its color, and the pages that emails lead to. */

import type { Environment } from '../environment.ts';
import type { Variable } from '../settings.ts';
import { type Logo, logoOf } from './brand-logo.ts';

export type Brand = {
  /** In pages and emails; null for our own name, which subjects leave out. */
  name: string | null;
  /** The operator's app, to which people return when they are done. */
  appUrl: string | null;
  /** Where people can ask for help. */
  supportEmail: string | null;
  /** `#rrggbb`, in lowercase. */
  color: string | null;
  logo: Logo | null;
};

/** The pages that emails link to, and the setting that replaces each of them by one of the operator's front end. */
const PAGE_VARIABLES = {
  'verify-email': 'VERIFY_EMAIL_URL',
  'reject-registration': 'REJECT_REGISTRATION_URL',
  'reset-password': 'RESET_PASSWORD_URL',
  'change-email': 'CHANGE_EMAIL_URL',
  'undo-email-change': 'UNDO_EMAIL_CHANGE_URL',
  'undo-account-deletion': 'UNDO_ACCOUNT_DELETION_URL',
  'undo-security-change': 'UNDO_SECURITY_CHANGE_URL',
  'reset-second-factors': 'RESET_SECOND_FACTORS_URL',
  'sign-in-with-email': 'SIGN_IN_WITH_EMAIL_URL',
  'accept-invitation': 'INVITATION_URL',
} as const satisfies Record<string, Variable>;

export type PageUrls = Readonly<Partial<Record<keyof typeof PAGE_VARIABLES, string>>>;

const MAX_NAME_LENGTH = 40;

/** What texts call the service: APP_NAME, or else the host people know it by. */
export function serviceNameOf({ brand, publicUrl }: { brand: Brand; publicUrl: string }): string {
  return brand.name ?? new URL(publicUrl).hostname;
}

/** @param readBytes of a file; fails if it cannot be read */
export function brandOf(env: Environment, isProduction: boolean, readBytes: (path: string) => Uint8Array): Brand {
  const name = env.text('APP_NAME') ?? null;
  // The name is in subjects and in the name of senders: nothing that would start another header or look like a link.
  if (name !== null && ([...name].length > MAX_NAME_LENGTH || /[\p{C}\p{Zl}\p{Zp}<>@:/\\"]/u.test(name))) {
    env.problem('APP_NAME', `must have at most ${MAX_NAME_LENGTH} characters, and none of < > @ : / \\ "`);
  }
  const supportEmail = env.text('SUPPORT_EMAIL') ?? null;
  if (supportEmail !== null && !/^[^<>@\s"]+@[^<>@\s"]+\.[^<>@\s"]+$/.test(supportEmail)) {
    env.problem('SUPPORT_EMAIL', 'must be an email address such as help@example.com');
  }
  const color = env.text('BRAND_COLOR')?.toLowerCase() ?? null;
  const isColor = color === null || /^#[0-9a-f]{6}$/.test(color);
  if (!isColor) env.problem('BRAND_COLOR', 'must be a color such as #3730a3');
  const appUrl = pageUrlOf(env, 'APP_URL', isProduction);
  return { name, appUrl, supportEmail, color: isColor ? color : null, logo: logoOf(env, readBytes) };
}

/** The links carry the token as a fragment, so none of these pages may have one. */
export function pageUrlsOf(env: Environment, isProduction: boolean): PageUrls {
  const urls: Partial<Record<keyof typeof PAGE_VARIABLES, string>> = {};
  for (const page of Object.keys(PAGE_VARIABLES) as (keyof typeof PAGE_VARIABLES)[]) {
    const variable = PAGE_VARIABLES[page];
    const url = pageUrlOf(env, variable, isProduction);
    if (url === null) continue;
    if (url.includes('#')) env.problem(variable, 'must not have a fragment: the token is added as one');
    urls[page] = url;
  }
  return urls;
}

/** A page of the front end. */
export function pageUrlOf(env: Environment, name: Variable, isProduction: boolean): string | null {
  const url = env.url(name, ['https:', 'http:']) ?? null;
  if (isProduction && url?.startsWith('http:')) env.problem(name, 'must start with https:// in production');
  if (url !== null && new URL(url).username !== '') env.problem(name, 'must not contain a user name');
  return url;
}

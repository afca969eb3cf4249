/** The links in emails. */
import type { PageUrls } from '#config/brand/brand-settings.ts';
import type { EmailedPurpose } from '#core/proofs/challenge-purpose.ts';

/** A page of this service that emails link to. */
export type MailedPage = EmailedPurpose | 'accept-invitation' | 'reject-registration';

/** PUBLIC_URL, and the pages of the operator's front end, if they named any. */
type LinkTargets = { publicUrl: string; pageUrls: PageUrls };

/**
 * The link of an email: to a page of the operator's front end, if they named one, or else to ours. For theirs, the
 * token is in the fragment, which browsers do not send: neither a log nor a Referer header contains it.
 */
export function linkTo(
  { publicUrl, pageUrls }: LinkTargets,
  page: MailedPage,
  token: string,
  language: string,
): string {
  const own = pageUrls[page];
  return own === undefined ? mailedLink(publicUrl, page, token, language) : `${own}#token=${token}&lang=${language}`;
}

/** The URL of one of our pages. It starts with PUBLIC_URL, never with anything taken from a request. */
export function mailedLink(publicUrl: string, page: MailedPage, token: string, language: string): string {
  return `${publicUrl}/${page}?token=${encodeURIComponent(token)}&lang=${language}`;
}

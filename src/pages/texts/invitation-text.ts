/** An invitation as its page shows it: who invites to which organization, and the way to accept. */
import { html } from 'hono/html';
import type { Brand, PageUrls } from '#config/brand/brand-settings.ts';
import type { Locale } from '#core/locale.ts';
import { ACCEPT_INVITATION_TEXTS } from './accept-invitation-texts.ts';

/** Organization and inviter, as people entered their names. */
export type ShownInvitation = { organizationName: string; inviterName: string | null };
/** Where people accept; null if neither INVITATION_URL nor APP_URL says it. */
export type Acceptance = { url: string; app: string | null } | null;

/**
 * The page of the front end for invitations, or else the app, with the token after the `#`, which browsers do not send.
 * An app has other links too, so its token is called by what it is for.
 */
export function acceptanceOf(
  { brand, pageUrls }: { brand: Brand; pageUrls: PageUrls },
  token: string,
  locale: Locale,
): Acceptance {
  const page = pageUrls['accept-invitation'];
  if (page !== undefined) return { url: `${page}#token=${token}&lang=${locale}`, app: brand.name };
  if (brand.appUrl === null) return null;
  // The part after a # of its own is the place in the app: people then enter the code from the email.
  const url = brand.appUrl.includes('#') ? brand.appUrl : `${brand.appUrl}#invitationToken=${token}&lang=${locale}`;
  return { url, app: brand.name };
}

/** Names are isolated with `bdi`: people chose them, and their text direction must not affect ours. */
export function invitationText(
  locale: Locale,
  { organizationName, inviterName }: ShownInvitation,
  acceptance: Acceptance,
): ReturnType<typeof html> {
  const texts = ACCEPT_INVITATION_TEXTS[locale];
  const rows = [[texts.organization, organizationName] as const, [texts.inviter, inviterName] as const];
  const known = rows.filter(([, name]) => name !== null);
  return html`<dl>${known.map(([label, name]) => html`<dt>${label}</dt><dd><bdi>${name}</bdi></dd>`)}</dl>
${
  acceptance === null
    ? html`<p>${texts.withoutApp}</p>`
    : html`<p>${texts.inApp(acceptance.app)}</p>
<p><a class="button" href="${acceptance.url}">${texts.accept}</a></p>`
}
`;
}

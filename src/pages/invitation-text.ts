/** An invitation as its page shows it: who invites to which organization, and how to accept. */
import { html } from 'hono/html';
import type { Locale } from '#core/locale.ts';
import { ACCEPT_INVITATION_TEXTS } from './accept-invitation-texts.ts';

/** Organization and inviter, as people entered their names. */
export type ShownInvitation = { organizationName: string; inviterName: string | null };

/** Names are isolated with `bdi`: people chose them, and their text direction must not affect ours. */
export function invitationText(
  locale: Locale,
  { organizationName, inviterName }: ShownInvitation,
): ReturnType<typeof html> {
  const texts = ACCEPT_INVITATION_TEXTS[locale];
  const rows = [[texts.organization, organizationName] as const, [texts.inviter, inviterName] as const];
  const known = rows.filter(([, name]) => name !== null);
  return html`<dl>${known.map(([label, name]) => html`<dt>${label}</dt><dd><bdi>${name}</bdi></dd>`)}</dl>
<h2>${texts.acceptTitle}</h2>
<p>${texts.accept}</p>
<p>${texts.register}</p>
<h2>${texts.declineTitle}</h2>
`;
}

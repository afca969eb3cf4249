/** The account that a link would confirm, as its page shows it, and the button of someone who did not register it. */
import { html } from 'hono/html';
import type { ClaimedAccount } from '#core/accounts/claimed-account.ts';
import type { Locale } from '#core/locale.ts';

type Html = ReturnType<typeof html>;
type Texts = Record<'warning' | 'reject', string>;

const TEXTS: Record<Locale, Texts> = {
  en: {
    warning: 'If you did not register this account, do not confirm the address: the person who did could then sign in.',
    reject: 'This wasn’t me: remove the account',
  },
  de: {
    warning:
      'Falls Sie dieses Konto nicht registriert haben, bestätigen Sie die Adresse nicht: Wer es registriert hat, könnte sich sonst anmelden.',
    reject: 'Das war ich nicht: Konto entfernen',
  },
  es: {
    warning:
      'Si usted no ha registrado esta cuenta, no confirme la dirección: quien la registró podría iniciar sesión.',
    reject: 'No he sido yo: eliminar la cuenta',
  },
  fr: {
    warning:
      'Si vous n’avez pas créé ce compte, ne confirmez pas l’adresse\u00a0: la personne qui l’a créé pourrait alors se connecter.',
    reject: 'Ce n’était pas moi\u00a0: supprimer le compte',
  },
};

/** Values have an element and a text direction of their own, because people chose them. */
export function registrationText({ note, rows }: ClaimedAccount): Html {
  const shown = rows.map(([label, value]) => html`<dt>${label}</dt><dd><bdi>${value}</bdi></dd>`);
  return html`${note === null ? '' : html`<p>${note}</p>`}${shown.length === 0 ? '' : html`<dl>${shown}</dl>`}`;
}

/** It posts the form of the page, with the token that is in it, to the page that removes the account. */
export function rejectButton(locale: Locale): Html {
  const { warning, reject } = TEXTS[locale];
  return html`<p class="other">${warning}</p>
<button type="submit" class="secondary" formaction="reject-registration">${reject}</button>
`;
}

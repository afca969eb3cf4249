/**
 * The fields for a new password: whose it is, and the password itself, with the problems of the one that was refused.
 */
import { html } from 'hono/html';
import type { Locale } from '#core/locale.ts';
import type { PasswordProblemCode } from '#core/passwords/password.ts';
import { problemBox } from './page-layout.ts';
import { RESET_PASSWORD_TEXTS } from './texts/reset-password-texts.ts';

type Html = ReturnType<typeof html>;

/**
 * The address of the account. It cannot be changed: it shows people whose password they set, and a password manager
 * under which name to keep it (HTML Standard, autofill detail `username`).
 */
export function usernameField(locale: Locale, email: string): Html {
  return html`<label for="username">${RESET_PASSWORD_TEXTS[locale].username}</label>
<p><input type="text" id="username" name="username" value="${email}" readonly autocomplete="username" autocapitalize="off" spellcheck="false" dir="ltr"></p>
`;
}

/** The password is never sent back. There is no maxlength, because browsers silently cut a pasted password. */
export function passwordField(locale: Locale, minLength: number, problems: readonly PasswordProblemCode[]): Html {
  const texts = RESET_PASSWORD_TEXTS[locale];
  const isWrong = problems.length > 0;
  const list = problems.map((problem) => html`<li>${texts.problems[problem](minLength)}</li>`);
  return html`${isWrong ? problemBox(texts.problemsTitle, html`<ul>${list}</ul>`) : ''}<label for="new-password">${texts.label}</label>
<p class="quiet" id="requirements">${texts.requirements(minLength)}</p>
<p><input type="password" id="new-password" name="newPassword" required minlength="${minLength}" autocomplete="new-password" autocapitalize="off" spellcheck="false" autofocus ${isWrong ? html`aria-invalid="true" aria-describedby="problem requirements"` : html`aria-describedby="requirements"`}></p>
`;
}

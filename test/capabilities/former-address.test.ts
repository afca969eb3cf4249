/** For seven days the former address stays in charge, and everyone who may not know it is told in plain words. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatCount, formatMoment, LOCALES, type Locale } from '#core/locale.ts';
import {
  ChangePasswordDocument,
  ConfirmEmailChangeDocument,
  LoginDocument,
  LogoutEverywhereDocument,
  RequestEmailChangeDocument,
  RequestPasswordResetDocument,
  ResetPasswordDocument,
  UndoEmailChangeDocument,
  UpdateProfileDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';
import type { ReceivedMail } from '../support/smtp.ts';

const OWNERS = 'a password of the new owner';

/** What the warnings have to say, before the change and after it. */
const WORDS: Record<Locale, { ahead: RegExp; live: RegExp }> = {
  en: {
    ahead:
      /uses the address p\*\*\*@example\.test\. If that address is not yours, do not confirm: .* take it back with/,
    live: /Until .*, the previous address p\*\*\*@example\.test can take this account back with everything in it/,
  },
  de: {
    ahead:
      /die Adresse p\*\*\*@example\.test\. Falls das nicht Ihre Adresse ist, bestätigen Sie nicht: .* zurückholen kann/,
    live: /Bis zum .* kann dieses Konto über die frühere Adresse p\*\*\*@example\.test zurückgeholt werden/,
  },
  es: {
    ahead: /la dirección p\*\*\*@example\.test\. Si esa dirección no es suya, no confirme: .* podrá recuperarla/,
    live: /Hasta el .*, la dirección anterior p\*\*\*@example\.test puede recuperar esta cuenta con todo/,
  },
  fr: {
    ahead:
      /l’adresse p\*\*\*@example\.test\. Si cette adresse n’est pas la vôtre, ne confirmez pas.* pourra le récupérer/,
    live: /Jusqu’au .*, l’ancienne adresse p\*\*\*@example\.test peut récupérer ce compte avec tout/,
  },
};

describe.each(ENGINES)('the former address of an account, on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
  });
  afterAll(() => latchkey.close());

  const tokenOf = ({ link }: ReceivedMail) => new URL(link ?? '').searchParams.get('token') ?? '';
  const pageOf = async ({ link }: ReceivedMail) => {
    const { pathname, search } = new URL(link ?? '');
    const page = await latchkey.fetch(`${pathname}${search}`);
    return { status: page.status, html: await page.text() };
  };
  /** A stranger who asks that their account use the address of a victim. */
  const asked = async (locale: Locale = 'en') => {
    const stranger = await latchkey.person();
    await latchkey.ask(UpdateProfileDocument, { input: { locale } }, { bearer: stranger.accessToken });
    const victim = `victim-${latchkey.address()}`;
    const input = { newEmail: victim };
    await latchkey.ask(RequestEmailChangeDocument, { input }, { bearer: stranger.accessToken });
    return { stranger, victim, mail: await latchkey.mailTo(victim) };
  };
  const confirm = async (mail: ReceivedMail) => {
    const { confirmEmailChange } = await latchkey.ask(ConfirmEmailChangeDocument, { input: { token: tokenOf(mail) } });
    expect(confirmEmailChange.__typename).toBe('ConfirmEmailChangeSuccess');
  };
  const reset = async (email: string, mails: number) => {
    await latchkey.ask(RequestPasswordResetDocument, { input: { email } });
    const mail = await latchkey.mailTo(email, mails);
    const input = { token: tokenOf(mail), newPassword: OWNERS };
    const { resetPassword } = await latchkey.ask(ResetPasswordDocument, { input });
    expect(resetPassword.__typename).toBe('ResetPasswordSuccess');
    return [mail, await latchkey.mailTo(email, mails + 1)] as const;
  };

  test.each(LOCALES)('is named, masked, before the change and while it can undo it: %s', async (locale) => {
    const { stranger, victim, mail } = await asked(locale);
    const { ahead, live } = WORDS[locale];
    expect(mail.text).toMatch(ahead);
    expect(mail.text).toContain(formatCount(7, 'day', locale));
    expect(mail.html).toMatch(/<p class="warning"[^>]*>[^<]*p\*\*\*@example\.test/);
    const { html } = await pageOf(mail);
    expect(html).toMatch(ahead);
    expect(html.indexOf('class="warning"')).toBeLessThan(html.indexOf('<button'));

    await confirm(mail);
    const { expiresAt } = await latchkey.app.parts.database.prisma.challenge.findFirstOrThrow({
      where: { userId: stranger.id, purpose: 'undo-email-change' },
    });
    for (const told of await reset(victim, 2)) {
      expect(told.text).toMatch(live);
      expect(told.text).toContain(formatMoment(expiresAt, locale));
      expect(told.html).toMatch(/<p class="warning"[^>]*>[^<]*p\*\*\*@example\.test/);
      for (const part of [told.text, told.html, mail.text, mail.html, html]) expect(part).not.toContain(stranger.email);
    }
  });

  test('is named when the password is changed, too', async () => {
    const { stranger, victim, mail } = await asked();
    await confirm(mail);
    await latchkey.ask(
      ChangePasswordDocument,
      { input: { currentPassword: PASSWORD, newPassword: OWNERS } },
      { bearer: stranger.accessToken },
    );
    expect((await latchkey.mailTo(victim, 2)).text).toMatch(WORDS.en.live);
  });

  test('takes the account back after the reset, and is what is in charge then', async () => {
    const { stranger, victim, mail } = await asked();
    await confirm(mail);
    await reset(victim, 2);
    const undo = { token: tokenOf(await latchkey.mailTo(stranger.email, 3)) };
    const { undoEmailChange } = await latchkey.ask(UndoEmailChangeDocument, { input: undo });
    expect(undoEmailChange).toMatchObject({ __typename: 'UndoEmailChangeSuccess', user: { email: stranger.email } });
    const { login } = await latchkey.ask(LoginDocument, { input: { identifier: victim, password: OWNERS } });
    expect(login.__typename).toBe('InvalidCredentialsError');
    const ownReset = await latchkey.mailTo(stranger.email, 4);
    expect(ownReset.html).not.toContain('class="warning" style');
  });

  test('is not named once it cannot take the account back, nor before a change is confirmed', async () => {
    const [late, early] = [await asked(), await asked()];
    for (const told of await reset(early.stranger.email, 3)) expect(told.text).not.toContain('p***@');
    await confirm(late.mail);
    latchkey.advance({ days: 7, minutes: 1 });
    for (const told of await reset(late.victim, 2)) expect(told.text).not.toContain('p***@');
  });

  test('the page of a change whose session has ended says that the link cannot be used', async () => {
    const { stranger, mail } = await asked();
    expect((await pageOf(mail)).status).toBe(200);
    await latchkey.ask(LogoutEverywhereDocument, {}, { bearer: stranger.accessToken });
    const { status, html } = await pageOf(mail);
    expect([status, html.includes('<form')]).toEqual([410, false]);
  });
});

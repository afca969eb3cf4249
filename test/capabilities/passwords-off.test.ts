/**
 * SIGN_IN_METHODS without `password`: nobody can set, reset or enter a password, also on accounts that have one from
 * before, and nothing that people read mentions one.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Config } from '#config/config.ts';
import { LOCALES } from '#core/locale.ts';
import {
  ChangePasswordDocument,
  ConfirmSecondFactorResetDocument,
  DeleteAccountDocument,
  ReauthenticateDocument,
  RegisterDocument,
  RequestEmailChangeDocument,
  RequestLoginDocument,
  RequestPasswordResetDocument,
  RequestSecondFactorResetDocument,
  ResetPasswordDocument,
  SendPasswordResetDocument,
  UndoEmailChangeDocument,
} from '../generated/graphql.ts';
import { type FreshDatabase, freshDatabase } from '../support/database.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';
import { LINK_PAGES } from '../support/link-pages.ts';
import { MENTIONS_PASSWORD } from '../support/mentions-password.ts';
import { challengeOf, elsewhere, protectedPerson } from '../support/second-factor.ts';

const NEW_PASSWORD = 'nine unrelated red teapots';
const OFF = { code: 'FORBIDDEN', reason: 'SIGN_IN_METHOD_OFF' };

describe('where passwords do not sign in', () => {
  let database: FreshDatabase<'postgresql'>;
  let before: Latchkey;
  let latchkey: Latchkey;
  beforeAll(async () => {
    database = await freshDatabase('postgresql');
    const { drop: _, ...on } = database;
    before = await startLatchkey({ on });
    // Either may send an email of the other: they have one queue.
    latchkey = await startLatchkey({ on, env: { SIGN_IN_METHODS: 'email', SMTP_URL: before.smtp.url } });
  });
  afterAll(async () => {
    await latchkey.close();
    await before.close();
    await database.drop();
  });
  const prisma = () => latchkey.app.parts.database.prisma;
  const hashOf = async (id: string) => (await prisma().user.findUniqueOrThrow({ where: { id } })).passwordHash;
  const reset = { newPassword: NEW_PASSWORD };
  const post = (path: string, body: object) =>
    latchkey.fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  test('nobody registers with one', async () => {
    const email = latchkey.address();
    const input = { name: 'Grace Hopper', email, password: PASSWORD };
    const { register } = await latchkey.ask(RegisterDocument, { input }, elsewhere());
    expect(register).toMatchObject({
      __typename: 'ValidationError',
      fieldErrors: [{ path: ['password'], code: 'NOT_ALLOWED' }],
    });
    const answer = await post('/auth/signup', { name: 'Grace Hopper', email, password: PASSWORD });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(await prisma().user.count({ where: { email } })).toBe(0);
    const { register: without } = await latchkey.ask(RegisterDocument, { input: { name: 'Grace', email } });
    expect(without.__typename).toBe('RegisterSuccess');
  });

  test('nobody resets one: the same answer for every address, with an emailed link as well', async () => {
    const ada = await before.person();
    await before.ask(RequestPasswordResetDocument, { input: { email: ada.email } });
    const { code, link } = await before.mailTo(ada.email, 2);
    const token = new URL(link ?? '').searchParams.get('token') ?? '';
    const hash = await hashOf(ada.id);
    for (const email of [ada.email, latchkey.address(), 'not an address']) {
      const { errors } = await latchkey.send(RequestPasswordResetDocument, { input: { email } }, elsewhere());
      expect(errors?.[0]?.extensions).toMatchObject(OFF);
      expect((await post('/api/forgot-password', { email })).status).toBe(403);
    }
    for (const proof of [{ token }, { email: ada.email, code }, { token: 'a'.repeat(40) }]) {
      const { errors } = await latchkey.send(ResetPasswordDocument, { input: { ...proof, ...reset } }, elsewhere());
      expect(errors?.[0]?.extensions).toMatchObject(OFF);
    }
    expect((await post('/api/reset-password', { token, ...reset })).status).toBe(403);
    expect((await latchkey.fetch(`/reset-password?token=${token}`)).status).toBe(410);
    const body = new URLSearchParams({ token, ...reset });
    expect((await latchkey.fetch('/reset-password', { method: 'POST', body })).status).toBe(410);
    // Nothing is queued, and so nothing is sent.
    expect(await prisma().challenge.count({ where: { userId: ada.id, purpose: 'reset-password' } })).toBe(1);
    expect(await hashOf(ada.id)).toBe(hash);
    // It was the setting alone that closed the way.
    const { resetPassword } = await before.ask(ResetPasswordDocument, { input: { token, ...reset } });
    expect(resetPassword.__typename).toBe('ResetPasswordSuccess');
  });

  test('nobody changes one or is asked for it, and an administrator sends no link for one', async () => {
    const ada = await before.person();
    const by = { bearer: ada.accessToken, ...elsewhere() };
    const refused = async (sent: Promise<{ errors?: readonly { extensions?: unknown }[] | undefined }>) =>
      expect((await sent).errors?.[0]?.extensions).toMatchObject(OFF);
    const change = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD };
    await refused(latchkey.send(ChangePasswordDocument, { input: change }, by));
    await refused(latchkey.send(ReauthenticateDocument, { input: { password: PASSWORD } }, by));
    await refused(latchkey.send(DeleteAccountDocument, { input: { password: PASSWORD } }, by));
    await prisma().session.updateMany({ where: { userId: ada.id }, data: { authenticatedAt: new Date(0) } });
    const { deleteAccount } = await latchkey.ask(DeleteAccountDocument, { input: {} }, by);
    expect(deleteAccount).toMatchObject({ __typename: 'ReauthenticationRequiredError', proofMethods: ['EMAIL'] });

    await prisma().session.updateMany({ where: { userId: ada.id }, data: { authenticatedAt: new Date() } });
    await prisma().user.update({ where: { id: ada.id }, data: { role: 'admin' } });
    for (const userId of [ada.id, '019a5f6e-0000-7000-8000-000000000000']) {
      await refused(latchkey.send(SendPasswordResetDocument, { input: { userId } }, by));
    }
  });

  test('undoing a change of address sends no link for one, and the page says how to sign in', async () => {
    const ada = await before.person();
    const newEmail = before.address();
    await before.ask(RequestEmailChangeDocument, { input: { newEmail } }, { bearer: ada.accessToken });
    const { text } = await before.mailTo(ada.email, 2);
    const token = /undo-email-change\?token=([\w-]+)/.exec(text)?.[1] ?? '';
    const page = await (await latchkey.fetch(`/undo-email-change?token=${token}`)).text();
    expect(page).toContain('All devices are signed out.');
    expect(page).not.toContain('password');
    const done = await latchkey.fetch('/undo-email-change', { method: 'POST', body: new URLSearchParams({ token }) });
    expect(await done.text()).toContain('Sign in again with an email');
    const { undoEmailChange } = await latchkey.ask(UndoEmailChangeDocument, { input: { token } });
    expect(undoEmailChange.__typename).toBe('UndoEmailChangeSuccess');
    expect(await hashOf(ada.id)).toBeNull();
    const resets = await prisma().challenge.count({ where: { userId: ada.id, purpose: 'reset-password' } });
    expect(resets).toBe(0);
  });
});

describe('when a way to sign in is closed', () => {
  let latchkey: Latchkey;
  beforeEach(async () => {
    latchkey = await startLatchkey();
  });
  afterEach(() => latchkey.close());

  /** Restarts the service with these ways to sign in. */
  const allow = (...signInMethods: Config['signInMethods']) =>
    latchkey.restart(async () => Object.assign(latchkey.config, { signInMethods }));
  /** What is sent, and what is dropped, of so many emails that waited for the mail server. */
  const handled = async (waiting: number) => {
    const known = latchkey.smtp.mails.length;
    await latchkey.smtp.resume();
    const dropped = () =>
      [...latchkey.logged().matchAll(/"mail":"([\w-]+)"[^\n]*email dropped/g)].map(([, name]) => name ?? '');
    const sent = () => latchkey.smtp.mails.slice(known);
    await expect.poll(() => sent().length + dropped().length, { timeout: 20_000 }).toBe(waiting);
    return { sent: sent(), dropped: dropped().sort() };
  };

  test('waiting emails about a password are not sent, and the others mention none', async () => {
    const [ada, grace] = [await latchkey.person(), await protectedPerson(latchkey)];
    const contested = latchkey.address();
    const challengeToken = await challengeOf(latchkey, grace);
    await latchkey.mailTo(grace.email, 2);
    await latchkey.smtp.pause();
    await latchkey.ask(RequestPasswordResetDocument, { input: { email: ada.email } });
    const change = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD };
    await latchkey.ask(ChangePasswordDocument, { input: change }, { bearer: ada.accessToken });
    await latchkey.ask(RequestSecondFactorResetDocument, { input: { challengeToken } });
    for (const password of [PASSWORD, NEW_PASSWORD]) {
      const input = { name: 'Grace', email: contested, password };
      await latchkey.ask(RegisterDocument, { input }, elsewhere());
    }
    await latchkey.ask(RequestLoginDocument, { input: { email: ada.email } });

    await allow('email');
    const { sent, dropped } = await handled(5);
    expect(dropped).toEqual(['password-changed', 'reset-password', 'reset-second-factors']);
    expect(sent.map(({ to }) => to[0]).sort()).toEqual([ada.email, contested].sort());
    for (const { subject, text, html } of sent) expect(subject + text + html).not.toMatch(MENTIONS_PASSWORD);
  });

  test('waiting emails that sign in are not sent where only passwords do, and their links open nothing', async () => {
    const [ada, grace] = [await latchkey.person(), await latchkey.person()];
    await latchkey.ask(RequestLoginDocument, { input: { email: ada.email } });
    const { link } = await latchkey.mailTo(ada.email, 2);
    const token = new URL(link ?? '').searchParams.get('token') ?? '';
    await latchkey.smtp.pause();
    await latchkey.ask(RequestLoginDocument, { input: { email: grace.email } });
    await allow('password');
    expect((await handled(1)).dropped).toEqual(['sign-in-with-email']);
    expect((await latchkey.fetch(`/sign-in-with-email?token=${token}`)).status).toBe(410);
  });

  test('no page behind a link mentions a password, in any language', async () => {
    const grace = await protectedPerson(latchkey);
    const tokens = ['x'.repeat(72)];
    await latchkey.ask(RequestPasswordResetDocument, { input: { email: grace.email } });
    await latchkey.ask(RequestSecondFactorResetDocument, {
      input: { challengeToken: await challengeOf(latchkey, grace) },
    });
    for (const count of [3, 4]) {
      const { link } = await latchkey.mailTo(grace.email, count);
      tokens.push(new URL(link ?? '').searchParams.get('token') ?? '');
    }
    await allow('email');
    const pages = LINK_PAGES.flatMap((page) =>
      tokens.flatMap((token) => LOCALES.map((lang) => ({ page, token, lang }))),
    );
    for (const { page, token, lang } of pages) {
      const body = new URLSearchParams({ token, lang, newPassword: NEW_PASSWORD });
      const opened = await latchkey.fetch(`/${page}?token=${token}&lang=${lang}`);
      const posted = await latchkey.fetch(`/${page}`, { method: 'POST', body });
      // Some pages look at the token only when the button is pressed, and one at the page that sends the form.
      expect([opened.status, posted.status], page).toEqual([
        page.startsWith('undo-') ? opened.status : 410,
        page === 'sign-in-with-email' ? 403 : 410,
      ]);
      for (const answer of [opened, posted])
        expect(withoutPaths(await answer.text()), page).not.toMatch(MENTIONS_PASSWORD);
    }
    expect(await latchkey.app.parts.database.prisma.user.count({ where: { factorsResetAt: { not: null } } })).toBe(0);
    const challengeToken = tokens[0] ?? '';
    const refused = [
      await latchkey.send(RequestSecondFactorResetDocument, { input: { challengeToken } }),
      await latchkey.send(ConfirmSecondFactorResetDocument, { input: { token: tokens[2] ?? '' } }),
    ];
    for (const { errors } of refused) expect(errors?.[0]?.extensions).toMatchObject(OFF);
  });
});

/** What people read of a page. */
function withoutPaths(html: string): string {
  return html.replace(/<style>.*?<\/style>/s, '').replaceAll(/(?:form)?action="[^"]*"/g, '');
}

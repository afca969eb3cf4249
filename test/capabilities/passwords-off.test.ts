/**
 * SIGN_IN_METHODS without `password`: nobody can set, reset or enter a password, also on accounts that have one from
 * before. Two services share a database: one from before the setting was changed, and one from after.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ChangePasswordDocument,
  DeleteAccountDocument,
  ReauthenticateDocument,
  RegisterDocument,
  RequestEmailChangeDocument,
  RequestPasswordResetDocument,
  ResetPasswordDocument,
  SendPasswordResetDocument,
  UndoEmailChangeDocument,
} from '../generated/graphql.ts';
import { type FreshDatabase, freshDatabase } from '../support/database.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';
import { elsewhere } from '../support/second-factor.ts';

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

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cleanUp } from '#jobs/clean-up.ts';
import {
  ConfirmSecondFactorResetDocument,
  LoginDocument,
  RequestPasswordResetDocument,
  RequestSecondFactorResetDocument,
  ResetPasswordDocument,
  ResetSecondFactorsDocument,
  UndoSecurityChangeDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';
import { challengeOf, confirm, elsewhere, type Protected, protectedPerson } from '../support/second-factor.ts';

describe.each(ENGINES)('removing lost second factors, on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
  });
  afterAll(() => latchkey.close());
  const prisma = () => latchkey.app.parts.database.prisma;
  const account = ({ id }: Protected) => prisma().user.findUniqueOrThrow({ where: { id } });

  const ask = async (challengeToken: string) =>
    (await latchkey.ask(RequestSecondFactorResetDocument, { input: { challengeToken } })).requestSecondFactorReset;
  const use = async (token: string) =>
    (await latchkey.ask(ConfirmSecondFactorResetDocument, { input: { token } })).confirmSecondFactorReset;
  /** Asked for and confirmed with the link in the mailbox. */
  const begun = async (ada: Protected) => {
    expect((await ask(await challengeOf(latchkey, ada))).__typename).toBe('RequestSecondFactorResetSuccess');
    const { text } = await latchkey.mailTo(ada.email, 3);
    const answer = await use(/reset-second-factors\?token=([\w-]+)/.exec(text)?.[1] ?? '');
    if (answer.__typename !== 'ConfirmSecondFactorResetSuccess') throw new Error(JSON.stringify(answer));
    return answer.resetsAt;
  };

  test('nothing without the mailbox; then three days, and the factors go', async () => {
    const ada = await protectedPerson(latchkey);
    const challengeToken = await challengeOf(latchkey, ada);
    const asked = await ask(challengeToken);
    expect(asked).toMatchObject({ email: expect.stringMatching(/^p\*\*\*@example\.test$/) });
    latchkey.advance({ days: 4 });
    await cleanUp(latchkey.app.parts);
    expect((await account(ada)).hasSecondFactor).toBe(true);
    for (const forged of [challengeToken, '', '\0']) expect((await use(forged)).__typename).toBe('InvalidCodeError');

    const bob = await protectedPerson(latchkey);
    const resetsAt = await begun(bob);
    expect(Date.parse(resetsAt) - latchkey.app.parts.clock().getTime()).toBeGreaterThan(71.9 * 3_600_000);
    expect((await latchkey.mailTo(bob.email, 4)).subject).toBe('Your second factors are about to be removed');
    latchkey.advance({ hours: 71 });
    await cleanUp(latchkey.app.parts);
    expect((await account(bob)).hasSecondFactor).toBe(true);
    latchkey.advance({ hours: 1, seconds: 1 });
    await Promise.all([cleanUp(latchkey.app.parts), cleanUp(latchkey.app.parts)]);
    expect(await account(bob)).toMatchObject({ hasSecondFactor: false, factorsResetAt: null });
    expect(await prisma().session.count({ where: { userId: bob.id, endedAt: null } })).toBe(0);
    const done = { subjectId: bob.id, name: 'second_factor_reset.completed' };
    expect(await prisma().auditEvent.count({ where: done })).toBe(1);
    const input = { identifier: bob.email, password: PASSWORD };
    expect((await latchkey.ask(LoginDocument, { input }, elsewhere())).login.__typename).toBe('LoginSuccess');
    // Within seven days, the owner brings them back.
    const { text } = await latchkey.mailTo(bob.email, 5);
    const token = /undo-security-change\?token=([\w-]+)/.exec(text)?.[1] ?? '';
    await latchkey.ask(UndoSecurityChangeDocument, { input: { token } });
    expect((await account(bob)).hasSecondFactor).toBe(true);
  });

  test('a sign-in with the factor calls it off, and so does the link', async () => {
    const [ada, bob] = [await protectedPerson(latchkey), await protectedPerson(latchkey)];
    await begun(ada);
    const challengeToken = await challengeOf(latchkey, ada);
    expect((await confirm(latchkey, { challengeToken, code: ada.app.code() })).__typename).toBe('LoginSuccess');
    expect((await account(ada)).factorsResetAt).toBeNull();
    await begun(bob);
    const { text } = await latchkey.mailTo(bob.email, 4);
    const token = /undo-security-change\?token=([\w-]+)/.exec(text)?.[1] ?? '';
    await latchkey.ask(UndoSecurityChangeDocument, { input: { token } });
    expect(await account(bob)).toMatchObject({ factorsResetAt: null, hasSecondFactor: true, passwordHash: null });
    latchkey.advance({ days: 4 });
    await cleanUp(latchkey.app.parts);
    for (const each of [ada, bob]) expect((await account(each)).hasSecondFactor).toBe(true);
  });

  test('halfway, the owner is told again, and not once it was called off', async () => {
    const [ada, bob] = [await protectedPerson(latchkey), await protectedPerson(latchkey)];
    for (const each of [ada, bob]) {
      await begun(each);
      await latchkey.mailTo(each.email, 4);
    }
    const waiting = () => prisma().$queryRaw<{ id: string; hours: number }[]>`
      SELECT id, extract(epoch FROM start_after - created_on) / 3600 AS hours FROM pgboss.job
       WHERE data->>'mail' = 'security-change' AND state = 'created' ORDER BY created_on`;
    const hours = (await waiting()).map((job) => Math.round(Number(job.hours)));
    expect(hours.slice(-2)).toEqual([36, 36]);
    const challengeToken = await challengeOf(latchkey, bob);
    expect((await confirm(latchkey, { challengeToken, code: bob.app.code() })).__typename).toBe('LoginSuccess');
    // As if 36 hours had passed for the queue, which goes by the clock of the database.
    await prisma().$executeRaw`
      UPDATE pgboss.job SET start_after = now() WHERE data->>'mail' = 'security-change' AND state = 'created'`;
    expect((await latchkey.mailTo(ada.email, 5)).subject).toBe('Your second factors are about to be removed');
    await expect.poll(async () => (await waiting()).length, { timeout: 20_000 }).toBe(0);
    expect(latchkey.smtp.mails.filter(({ envelope }) => envelope.to.includes(bob.email))).toHaveLength(4);
  });

  test('one removal that fails does not stop the others, and is tried again', async () => {
    const [ada, bob] = [await protectedPerson(latchkey), await protectedPerson(latchkey)];
    const ids = { id: { in: [ada.id, bob.id] } };
    await prisma().user.updateMany({ where: ids, data: { factorsResetAt: latchkey.app.parts.clock() } });
    await prisma().$executeRawUnsafe(`
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused'; END $$`);
    await prisma().$executeRawUnsafe(`
      CREATE TRIGGER refuse BEFORE UPDATE ON totp_factors FOR EACH ROW WHEN (OLD.user_id = '${ada.id}') EXECUTE FUNCTION refuse()`);
    await cleanUp(latchkey.app.parts);
    expect([(await account(ada)).hasSecondFactor, (await account(bob)).hasSecondFactor]).toEqual([true, false]);
    await prisma().$executeRawUnsafe('DROP TRIGGER refuse ON totp_factors');
    await cleanUp(latchkey.app.parts);
    expect((await account(ada)).hasSecondFactor).toBe(false);
  });

  test('someone who reads the mailbox, and has reset the password with it, waits two weeks', async () => {
    const ada = await protectedPerson(latchkey);
    await latchkey.ask(RequestPasswordResetDocument, { input: { email: ada.email } }, elsewhere());
    const { code } = await latchkey.mailTo(ada.email, 3);
    const newPassword = 'nine unrelated red teapots';
    await latchkey.ask(ResetPasswordDocument, { input: { email: ada.email, code, newPassword } });
    const resetAt = latchkey.app.parts.clock().getTime();
    latchkey.advance({ days: 1 });
    await ask(await challengeOf(latchkey, ada, { password: newPassword }));
    const { text } = await latchkey.mailTo(ada.email, 5);
    const answer = await use(/reset-second-factors\?token=([\w-]+)/.exec(text)?.[1] ?? '');
    if (answer.__typename !== 'ConfirmSecondFactorResetSuccess') throw new Error(JSON.stringify(answer));
    const days = (Date.parse(answer.resetsAt) - resetAt) / 86_400_000;
    expect(days).toBeCloseTo(14, 2);
    const { text: notice } = await latchkey.mailTo(ada.email, 6);
    latchkey.advance({ days: 12 });
    await cleanUp(latchkey.app.parts);
    expect((await account(ada)).hasSecondFactor).toBe(true);
    // Until then, the link stops it.
    const token = /undo-security-change\?token=([\w-]+)/.exec(notice)?.[1] ?? '';
    const { undoSecurityChange } = await latchkey.ask(UndoSecurityChangeDocument, { input: { token } });
    expect(undoSecurityChange.__typename).toBe('UndoSecurityChangeSuccess');
    latchkey.advance({ days: 2 });
    await cleanUp(latchkey.app.parts);
    expect((await account(ada)).hasSecondFactor).toBe(true);
  });

  test('an administrator removes them, not their own, and the owner is told', async () => {
    const [ada, admin] = [await protectedPerson(latchkey), await latchkey.person()];
    await prisma().user.update({ where: { id: admin.id }, data: { role: 'admin' } });
    const reset = async (userId: string) =>
      (await latchkey.ask(ResetSecondFactorsDocument, { input: { userId } }, { bearer: admin.accessToken }))
        .resetSecondFactors;
    expect(await reset(admin.id)).toMatchObject({ __typename: 'OwnAccountError' });
    expect(await reset('x')).toMatchObject({ __typename: 'UserNotFoundError' });
    expect(await reset(ada.id)).toEqual({ __typename: 'ResetSecondFactorsSuccess', endedSessions: 1 });
    expect((await account(ada)).hasSecondFactor).toBe(false);
    expect((await latchkey.mailTo(ada.email, 3)).text).toContain('an administrator removed');
    expect(await reset(ada.id)).toEqual({ __typename: 'ResetSecondFactorsSuccess', endedSessions: 0 });
  });
});

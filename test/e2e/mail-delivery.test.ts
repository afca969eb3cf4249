/** Emails that the mail server refuses, loses or takes slowly. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readMailQueue } from '#core/mail/queue-state.ts';
import { RegisterDocument, RequestPasswordResetDocument } from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';

const EVERYTHING = { timeout: 20_000 };

describe.each(ENGINES)('mail on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
  });
  afterAll(() => latchkey.close());

  const register = (email: string) =>
    latchkey.ask(RegisterDocument, { input: { name: 'Ada', email, password: PASSWORD } });
  const idsTo = (email: string) =>
    latchkey.smtp.mails
      .filter(({ envelope }) => envelope.to.includes(email))
      .map(({ headers }) => headers['message-id'] ?? '');
  const queue = () => readMailQueue(latchkey.app.parts.database);
  const triesOf = (email: string) =>
    latchkey
      .logged()
      .split('\n')
      .filter((line) => line.includes(`${email[0]}***@`) && line.includes('email ')).length;

  test('a bounced email is not tried again, and none has two ids', async () => {
    const [gone, later] = [`gone-${latchkey.address()}`, `later-${latchkey.address()}`];
    const { database } = latchkey.app.parts;
    latchkey.smtp.refuse(gone);
    latchkey.smtp.refuse(later, 451);
    await Promise.all([register(gone), register(later)]);
    await vi.waitFor(() => expect(triesOf(later)).toBeGreaterThanOrEqual(2), EVERYTHING);
    await vi.waitFor(async () => expect(await queue()).toMatchObject({ waiting: 1, dead: 1 }), EVERYTHING);
    expect(triesOf(gone)).toBe(1);
    expect(latchkey.logged()).toContain('email refused for good; not tried again');

    const { id } = await database.prisma.user.findUniqueOrThrow({ where: { email: gone } });
    const events = await database.prisma.auditEvent.findMany({ where: { name: 'email.refused' } });
    expect(events).toMatchObject([{ subjectId: id, outcome: 'FAILURE', origin: 'schedule' }]);

    latchkey.smtp.accept(later);
    await latchkey.mailTo(later);
    latchkey.smtp.cutAfterNext();
    const cut = latchkey.address();
    await register(cut);
    await vi.waitFor(async () => expect(await queue()).toMatchObject({ waiting: 0 }), EVERYTHING);
    expect(idsTo(cut).length).toBeGreaterThanOrEqual(2);
    const ids = [gone, later, cut].map((email) => new Set(idsTo(email)).size);
    expect(ids).toEqual([0, 1, 1]);
    expect(new Set(latchkey.smtp.mails.map(({ headers }) => headers['message-id'])).size).toBe(2);
  });

  test('an email keeps its id over a restart while it waits', async () => {
    const email = `waiting-${latchkey.address()}`;
    latchkey.smtp.refuse(email, 450);
    await register(email);
    await vi.waitFor(() => expect(triesOf(email)).toBeGreaterThanOrEqual(1), EVERYTHING);
    const [job] = await latchkey.app.parts.database.prisma.$queryRaw<{ id: string }[]>`
      SELECT id::text AS id FROM pgboss.job WHERE name = 'mail' AND state < 'completed'`;
    await latchkey.restart();
    latchkey.smtp.accept(email);
    await latchkey.mailTo(email);
    expect(idsTo(email)).toEqual([`<${job?.id}@auth.example.test>`]);
  });

  test('several emails are under way at once, and those to one address one after the other, in order', async () => {
    const emails = Array.from({ length: 6 }, latchkey.address);
    const underWay = new Set<string>();
    const { promise: allAtOnce, resolve: go } = Promise.withResolvers<void>();
    latchkey.smtp.beforeAccepting(async (address) => {
      expect(underWay.has(address)).toBe(false);
      underWay.add(address);
      if (underWay.size === emails.length) go();
      await allAtOnce;
      underWay.delete(address);
    });
    await Promise.all(emails.map(register));
    // The second email to each: it must not overtake the first, which is under way.
    latchkey.advance({ minutes: 2 });
    await Promise.all(emails.map(register));
    for (const email of emails) await latchkey.mailTo(email, 2);
    latchkey.smtp.beforeAccepting(async () => {});
    for (const email of emails) expect(new Set(idsTo(email)).size).toBe(2);
  });

  test('an email that was given up does not prolong its link', async () => {
    const { email } = await latchkey.person();
    latchkey.smtp.refuse(email);
    const before = await queue();
    await latchkey.ask(RequestPasswordResetDocument, { input: { email } });
    await vi.waitFor(async () => expect((await queue()).dead).toBe(before.dead + 1), EVERYTHING);
    latchkey.smtp.accept(email);
    latchkey.advance({ minutes: 31 });
    const sent = latchkey.smtp.mails.length;
    const dropped = () => latchkey.logged().split('email dropped').length;
    const droppedBefore = dropped();
    const { database } = latchkey.app.parts;
    await database.prisma.$executeRaw`
      INSERT INTO pgboss.job (name, data) SELECT 'mail', data FROM pgboss.job
       WHERE name = 'mail-dead-letter' ORDER BY created_on DESC LIMIT 1`;
    await vi.waitFor(() => expect(dropped()).toBe(droppedBefore + 1), EVERYTHING);
    expect(latchkey.smtp.mails).toHaveLength(sent);
  });
});

/** Mail that must leave: through an outage of the mail server and a restart, and from several replicas. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createApp } from '#app.ts';
import { inTransaction } from '#core/context.ts';
import { challengeCode, challengeToken } from '#core/proofs/challenge-token.ts';
import { createContextBuilder } from '#http/request.ts';
import {
  RegisterDocument,
  RequestPasswordResetDocument,
  ResendVerificationDocument,
  VerifyEmailDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';

type Job = { row: string; data: object };
type Registration = { fields: string[]; type: string; ms: number };

const ONLY_AN_ID = /^\{"mail":"[a-z-]+","challengeId":"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"\}$/;

describe.each(ENGINES)('the outbox on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
  });
  afterAll(() => latchkey.close());

  const register = async (email: string): Promise<Registration> => {
    const startedAt = performance.now();
    const { register } = await latchkey.ask(RegisterDocument, { input: { name: 'Ada', email, password: PASSWORD } });
    return { fields: Object.keys(register), type: register.__typename, ms: performance.now() - startedAt };
  };
  const mailsTo = (email: string) => latchkey.smtp.mails.filter((mail) => mail.envelope.to.includes(email));
  /** What nobody may find in the queue: address, link token and code of the newest proof of someone. */
  const secretsOf = async (address: string): Promise<[string, string, string]> => {
    const { secrets, database } = latchkey.app.parts;
    const challenge = await database.prisma.challenge.findFirstOrThrow({
      where: { address },
      orderBy: { createdAt: 'desc' },
    });
    return [address, challengeToken(secrets, challenge), challengeCode(secrets, challenge)];
  };
  const jobs = (condition: string) =>
    latchkey.app.parts.database.prisma.$queryRawUnsafe<Job[]>(
      `SELECT job::text AS row, data FROM pgboss.job WHERE name = 'mail' AND ${condition}`,
    );
  /** Until every email has left or has been dropped. */
  const settled = () =>
    vi.waitFor(async () => expect(await jobs("state <> 'completed'")).toEqual([]), { timeout: 15_000 });

  describe('when the mail server was down for a while', () => {
    let [waiting, replaced, consumed, expired] = ['', '', '', ''];
    let up: Registration;
    let down: Registration;
    let queued: Job[];
    let secrets: string[];

    beforeAll(async () => {
      [waiting, replaced, consumed] = [latchkey.address(), latchkey.address(), latchkey.address()];
      expired = (await latchkey.person()).email;
      up = await register(latchkey.address());
      await settled();

      await latchkey.smtp.pause();
      down = await register(waiting);
      await Promise.all([register(replaced), register(consumed)]);
      await latchkey.ask(RequestPasswordResetDocument, { input: { email: expired } });
      const [, token] = await secretsOf(consumed);
      await latchkey.ask(VerifyEmailDocument, { input: { token } });
      await vi.waitFor(async () => expect(await jobs("state = 'retry'")).not.toEqual([]), { timeout: 5000 });
      queued = await jobs("state <> 'completed'");
      secrets = (await Promise.all([waiting, replaced, consumed, expired].map(secretsOf))).flat();

      latchkey.advance({ minutes: 31 });
      await latchkey.ask(ResendVerificationDocument, { input: { email: replaced } });
      await latchkey.restart();
      await latchkey.smtp.resume();
      await settled();
    });

    test('the answers were the same, and as fast', () => {
      expect(down).toMatchObject({ type: 'RegisterSuccess', fields: up.fields });
      expect(down.ms).toBeLessThan(1000);
    });

    test('an email that waited has left, once, although the service was restarted meanwhile', () => {
      expect(mailsTo(waiting)).toHaveLength(1);
    });

    test('of two codes only the newer was mailed, and it works', async () => {
      expect(mailsTo(replaced)).toHaveLength(1);
      const { code } = await latchkey.mailTo(replaced);
      const { verifyEmail } = await latchkey.ask(VerifyEmailDocument, { input: { email: replaced, code } });
      expect(verifyEmail.__typename).toBe('VerifyEmailSuccess');
    });

    test('an email whose link had been used or had expired was dropped, and the log says so', () => {
      expect(mailsTo(consumed)).toHaveLength(0);
      expect(mailsTo(expired).filter(({ link }) => link?.includes('/reset-password?'))).toHaveLength(0);
      expect(latchkey.logged().match(/email dropped/g)).toHaveLength(3);
    });

    test('the queue held ids, and no address, code or token', () => {
      expect(queued.length).toBeGreaterThanOrEqual(3);
      for (const { row, data } of queued) {
        expect(JSON.stringify(data)).toMatch(ONLY_AN_ID);
        for (const secret of secrets)
          expect(row).not.toMatch(new RegExp(`(?<![0-9a-f])${RegExp.escape(secret)}(?![0-9a-f])`));
      }
    });
  });

  test('a transaction that is rolled back queues no email', async () => {
    const ctx = createContextBuilder(latchkey.app.parts)({ header: () => null, remoteAddress: '127.0.0.1' });
    const { id } = await latchkey.person();
    const before = (await jobs('true')).length;
    const failing = inTransaction(ctx, async (tx) => {
      await tx.outbox.queue(tx, { mail: 'already-registered', userId: id });
      throw new Error('after all not');
    });
    await expect(failing).rejects.toThrow('after all not');
    expect(await jobs('true')).toHaveLength(before);
  });

  test('many emails at once leave as fast as the mail server takes them', async () => {
    const emails = Array.from({ length: 15 }, latchkey.address);
    await Promise.all(emails.map(register));
    const left = () => emails.filter((email) => mailsTo(email).length === 1).length;
    await expect.poll(left, { timeout: 4000 }).toBe(emails.length);
  });
});

test('of two replicas on PostgreSQL one sends each email', async () => {
  const latchkey = await startLatchkey({ engine: 'postgresql' });
  const other = await createApp(latchkey.config, { log: latchkey.app.parts.log });
  const emails = Array.from({ length: 12 }, latchkey.address);
  await Promise.all(
    emails.map((email) => latchkey.ask(RegisterDocument, { input: { name: 'Ada', email, password: PASSWORD } })),
  );
  await Promise.all(emails.map((email) => latchkey.mailTo(email)));
  // A second copy of any would have come with the next looks into the queue.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(latchkey.smtp.mails.flatMap(({ envelope }) => envelope.to).sort()).toEqual(emails.sort());
  await other.close();
  await latchkey.close();
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RenewRecoveryCodesDocument } from '../generated/graphql.ts';
import { type Latchkey, startLatchkey } from '../support/latchkey.ts';
import { challengeOf, confirm, protectedPerson } from '../support/second-factor.ts';

describe('recovery codes', () => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey();
  });
  afterAll(() => latchkey.close());
  const renew = async (bearer: string) =>
    (await latchkey.ask(RenewRecoveryCodesDocument, {}, { bearer })).renewRecoveryCodes;

  test('new ones replace the old ones, and the owner is told', async () => {
    const ada = await protectedPerson(latchkey);
    const answer = await renew(ada.accessToken);
    if (answer.__typename !== 'RenewRecoveryCodesSuccess') throw new Error(JSON.stringify(answer));
    expect(answer.recoveryCodes).toHaveLength(10);
    expect((await latchkey.mailTo(ada.email, 3)).text).toContain('new recovery codes');
    const challengeToken = await challengeOf(latchkey, ada);
    const old = await confirm(latchkey, { challengeToken, recoveryCode: ada.recoveryCodes[0] ?? '' });
    expect(old.__typename).toBe('InvalidCodeError');
    const fresh = await confirm(latchkey, { challengeToken, recoveryCode: answer.recoveryCodes[0] ?? '' });
    expect(fresh.__typename).toBe('LoginSuccess');
  });

  test('an account without a second factor has none', async () => {
    const bob = await latchkey.person();
    expect(await renew(bob.accessToken)).toMatchObject({ code: 'SECOND_FACTOR_NOT_SET_UP' });
  });

  test('many renewals at once leave one set', async () => {
    const ada = await protectedPerson(latchkey);
    const answers = await Promise.all(Array.from({ length: 5 }, () => renew(ada.accessToken)));
    expect(answers.every(({ __typename }) => __typename === 'RenewRecoveryCodesSuccess')).toBe(true);
    expect(await latchkey.app.parts.database.prisma.recoveryCode.count({ where: { userId: ada.id } })).toBe(10);
  });
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ChangePasswordDocument,
  EndUserSessionsDocument,
  LoginDocument,
  MySecurityDocument,
  RenewRecoveryCodesDocument,
  UntrustDeviceDocument,
} from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { dump } from '../support/dump.ts';
import { type Latchkey, PASSWORD, type Person, startLatchkey } from '../support/latchkey.ts';
import {
  challengeOf,
  confirm,
  elsewhere,
  nextStep,
  type Protected,
  protectedPerson,
  setUpApp,
} from '../support/second-factor.ts';

describe.each(ENGINES)('trusted devices on %s', (engine) => {
  let latchkey: Latchkey;
  beforeAll(async () => {
    latchkey = await startLatchkey({ engine });
  });
  afterAll(() => latchkey.close());
  const prisma = () => latchkey.app.parts.database.prisma;

  /** A sign-in with the second factor, after which the device is trusted. */
  const trusting = async (ada: Protected) => {
    const challengeToken = await challengeOf(latchkey, ada);
    const answer = await confirm(latchkey, { challengeToken, code: ada.app.code(), trustDevice: true });
    if (answer.__typename !== 'LoginSuccess') throw new Error(JSON.stringify(answer));
    nextStep(latchkey);
    return answer.tokens;
  };
  const signIn = async ({ email }: Pick<Person, 'email'>, deviceToken: string | null, password = PASSWORD) =>
    (await latchkey.ask(LoginDocument, { input: { identifier: email, password, deviceToken } }, elsewhere())).login;

  test('the password alone signs in there for 30 days, and the owner is told', async () => {
    const ada = await protectedPerson(latchkey);
    const { deviceToken } = await trusting(ada);
    expect(deviceToken).toMatch(/^[\w-]{70}$/);
    const answer = await signIn(ada, deviceToken);
    if (answer.__typename !== 'LoginSuccess') throw new Error(JSON.stringify(answer));
    // The token rotates; the one before it still counts, and none before that.
    expect(answer.tokens.deviceToken).not.toBe(deviceToken);
    const claims = JSON.parse(Buffer.from(answer.tokens.accessToken.split('.')[1] ?? '', 'base64url').toString());
    expect(claims).toMatchObject({ acr: 'aal1', amr: ['pwd'] });
    expect((await latchkey.mailTo(ada.email, 3)).text).toContain('device was marked as trusted');
    const bearer = answer.tokens.accessToken;
    const { me } = await latchkey.ask(MySecurityDocument, {}, { bearer });
    expect(me?.security?.trustedDevices).toMatchObject([{ isCurrent: true }]);
    expect(await dump(latchkey)).not.toContain(deviceToken);
    // Not for a step-up.
    const { renewRecoveryCodes } = await latchkey.ask(RenewRecoveryCodesDocument, {}, { bearer });
    expect(renewRecoveryCodes.__typename).toBe('ReauthenticationRequiredError');
    latchkey.advance({ days: 30, seconds: 1 });
    for (const token of [deviceToken, answer.tokens.deviceToken]) {
      expect((await signIn(ada, token)).__typename).toBe('SecondFactorRequiredError');
    }
  });

  test('a trusted device is good for its account only, and never for an admin', async () => {
    const [ada, bob] = [await protectedPerson(latchkey), await protectedPerson(latchkey)];
    const { deviceToken } = await trusting(ada);
    expect((await signIn(bob, deviceToken)).__typename).toBe('SecondFactorRequiredError');
    for (const forged of ['', '\0', 'x'.repeat(64), deviceToken?.slice(1) ?? '', 'x'.repeat(5000)]) {
      expect((await signIn(ada, forged)).__typename).toBe('SecondFactorRequiredError');
    }
    await prisma().user.update({ where: { id: ada.id }, data: { role: 'admin' } });
    expect((await signIn(ada, deviceToken)).__typename).toBe('SecondFactorRequiredError');
    expect((await signIn(ada, (await trusting(ada)).deviceToken)).__typename).toBe('SecondFactorRequiredError');
  });

  test('not after a change of password or factors, and not after it was untrusted', async () => {
    const newPassword = 'nine unrelated red teapots';
    const ENDS: Record<string, (ada: Protected, bearer: string) => Promise<unknown>> = {
      'a change of the password': (_, bearer) =>
        latchkey.ask(ChangePasswordDocument, { input: { currentPassword: PASSWORD, newPassword } }, { bearer }),
      'another factor': (ada, bearer) => setUpApp(latchkey, { ...ada, accessToken: bearer }, 'Tablet'),
      'an administrator who signs the person out': async ({ id: userId }) => {
        const admin = await latchkey.person();
        await prisma().user.update({ where: { id: admin.id }, data: { role: 'admin' } });
        return latchkey.ask(EndUserSessionsDocument, { input: { userId } }, { bearer: admin.accessToken });
      },
      'untrusting it': async (_, bearer) => {
        const { me } = await latchkey.ask(MySecurityDocument, {}, { bearer });
        const [device] = me?.security?.trustedDevices ?? [];
        return latchkey.ask(UntrustDeviceDocument, { input: { deviceId: device?.id ?? '' } }, { bearer });
      },
    };
    for (const [name, end] of Object.entries(ENDS)) {
      const ada = await protectedPerson(latchkey);
      const { deviceToken, accessToken } = await trusting(ada);
      await end(ada, accessToken);
      const password = name === 'a change of the password' ? newPassword : PASSWORD;
      expect((await signIn(ada, deviceToken, password)).__typename, name).toBe('SecondFactorRequiredError');
    }
  });

  test('the owner signs in there although the password is suspended', async () => {
    const ada = await protectedPerson(latchkey);
    const { deviceToken } = await trusting(ada);
    await prisma().user.update({ where: { id: ada.id }, data: { passwordSuspendedAt: new Date() } });
    expect((await signIn(ada, null)).__typename).toBe('InvalidCredentialsError');
    expect((await signIn(ada, deviceToken)).__typename).toBe('LoginSuccess');
  });

  test('nobody untrusts the device of someone else', async () => {
    const [ada, bob] = [await protectedPerson(latchkey), await latchkey.person()];
    const { deviceToken } = await trusting(ada);
    const device = await prisma().device.findFirstOrThrow({ where: { userId: ada.id } });
    for (const deviceId of [device.id, 'x', '\0']) {
      const { errors } = await latchkey.send(
        UntrustDeviceDocument,
        { input: { deviceId } },
        { bearer: bob.accessToken },
      );
      expect(errors?.[0]?.extensions?.['code']).toBe('FORBIDDEN');
    }
    expect((await signIn(ada, deviceToken)).__typename).toBe('LoginSuccess');
  });

  test('ten at most; the first is forgotten', async () => {
    const ada = await protectedPerson(latchkey);
    const tokens = [];
    for (let each = 0; each < 11; each++) tokens.push((await trusting(ada)).deviceToken);
    expect((await signIn(ada, tokens[0] ?? '')).__typename).toBe('SecondFactorRequiredError');
    expect((await signIn(ada, tokens[1] ?? '')).__typename).toBe('LoginSuccess');
  });
});
